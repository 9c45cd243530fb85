//! What a project would be, for somebody who has not decided yet.

use std::collections::BTreeMap;
use std::path::Path;

use console::Term;
use indicatif::HumanBytes;
use saphyr::{LoadableYamlNode as _, Yaml};

use crate::render::Rendered;
use crate::report::count;
use crate::spec::Spec;

/// The files by component, then packages and services.
pub(super) fn overview(spec: &Spec, rendered: &Rendered, target: &Path) -> String {
    let mut lines = vec![
        String::new(),
        format!(
            "{}: {}, Django {}",
            target.display(),
            count(rendered.tree.len(), "file"),
            spec.project.django
        ),
    ];
    for name in spec.components.keys() {
        lines.push(format!("  {}", of_component(name, rendered)));
    }
    lines.push(format!("  packages: {}", packages(rendered).join(", ")));
    let services = services(rendered);
    if !services.is_empty() {
        lines.push(format!("  services: {}", services.join(", ")));
    }
    lines.push(String::new());
    let width = usize::from(Term::stderr().size().1);
    let options = textwrap::Options::new(width.max(30)).subsequent_indent("      ");
    lines
        .iter()
        .map(|line| textwrap::fill(line, &options))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A component with its files: how many, how large, and in which directories.
fn of_component(name: &str, rendered: &Rendered) -> String {
    let owned = rendered.tree.iter().filter(|(_, entry)| entry.component == name);
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut files, mut bytes) = (0, 0);
    for (path, entry) in owned {
        let place = path.find('/').map_or(path, |end| &path[..=end]);
        *places.entry(place).or_default() += 1;
        files += 1;
        bytes += entry.content.len();
    }
    if files == 0 {
        return format!("{name:<12} lines in other components' files");
    }
    let places: Vec<&str> = places.into_keys().collect();
    let size = HumanBytes(bytes as u64).to_string();
    format!(
        "{name:<12} {:>9} {size:>11}  {}",
        count(files, "file"),
        places.join(" ")
    )
}

/// The names of the packages that the site needs to run.
fn packages(rendered: &Rendered) -> Vec<String> {
    let text = |path: &str| {
        let entry = rendered.tree.get(path);
        entry.map(|entry| String::from_utf8_lossy(&entry.content).into_owned())
    };
    let project: Option<toml::Table> = text("pyproject.toml").and_then(|text| toml::from_str(&text).ok());
    let project = project.as_ref().and_then(|table| table.get("project"));
    let needed = project.and_then(|project| project.get("dependencies")?.as_array());
    let name = |requirement: &str| {
        let end = requirement.find(['>', '<', '=', '~', '!', ';', ' ']);
        requirement[..end.unwrap_or(requirement.len())].to_owned()
    };
    let needed = needed.into_iter().flatten().filter_map(toml::Value::as_str);
    needed.map(name).collect()
}

/// The names of the services that its compose file for production starts.
fn services(rendered: &Rendered) -> Vec<String> {
    let Some(entry) = rendered.tree.get("compose.production.yml") else {
        return Vec::new();
    };
    let documents = Yaml::load_from_str(&String::from_utf8_lossy(&entry.content)).unwrap_or_default();
    let services = documents
        .first()
        .and_then(|document| document.as_mapping_get("services"));
    let names = services
        .and_then(Yaml::as_mapping)
        .into_iter()
        .flat_map(|services| services.keys());
    names.filter_map(Yaml::as_str).map(str::to_owned).collect()
}
