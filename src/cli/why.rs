//! `djscaffold why`: what wrote a file.

use clap::Args;

use super::{Exit, change};
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::render::origin;
use crate::report::{self, Printer};

#[derive(Debug, Args)]
pub(super) struct WhyArguments {
    /// The file
    path: String,
}

pub(super) fn run(arguments: &WhyArguments, catalog: &Catalog, printer: Printer) -> Result<Exit> {
    let project = change::open(printer)?;
    let path = project.path(&arguments.path)?;
    let path = path.as_str();
    let (spec, unread) = project.spec_as_known(catalog)?;
    if let Some(error) = &unread {
        report::error(error);
        printer.line("based on the models as last rendered:");
    }
    let Some(origin) = origin(path, &spec, catalog)? else {
        return Err(Error::input(format!("no component of this project writes `{path}`"))
            .hint("`djscaffold status --all` lists the managed files"));
    };
    let mut text = format!("component {}\ntemplate  {}\n", origin.component, origin.template);
    if project.ejected().any(|ejected| ejected == path) {
        text.push_str("ejected   it is yours alone; `djscaffold eject --return` manages it again\n");
    }
    for (slot, components) in origin.slots {
        text.push_str(&format!("slot      {slot}: {}\n", components.join(", ")));
    }
    for option in origin.options {
        let (component, name) = option.split_once('.').unwrap_or_default();
        let value = spec.components.get(component).and_then(|options| options.get(name));
        let value = value.map(ToString::to_string).unwrap_or_default();
        text.push_str(&format!("option    {option} = {value}\n"));
    }
    printer.data(&text)?;
    Ok(Exit::Success)
}
