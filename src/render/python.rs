//! Python as ruff's formatter leaves it.

use ruff_python_ast::PythonVersion;
use ruff_python_formatter::{PyFormatOptions, format_module_source};

/// Formats a module with ruff's default style.
///
/// # Errors
/// The module is no valid Python.
pub(crate) fn format(source: &str, python_minor: u8) -> Result<String, String> {
    let version = PythonVersion {
        major: 3,
        minor: python_minor,
    };
    let options = PyFormatOptions::default().with_target_version(version);
    match format_module_source(source, options) {
        Ok(printed) => Ok(printed.into_code()),
        Err(error) => Err(format!("renders to invalid Python: {error}")),
    }
}
