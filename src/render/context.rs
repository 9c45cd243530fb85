//! What templates see: the declaration, made complete.

use std::collections::BTreeSet;

use handlebars::Context;
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::Step;
use super::conditions::Conditions;
use super::models::ProjectModels;
use super::view::View;
use crate::catalog::{Catalog, Component, ContainerValue, DependencyDetail, Manifest, NextStep, slot_name};
use crate::error::{Error, Result};
use crate::spec::Spec;

/// Secrets by the name of their environment variable.
pub type Secrets = IndexMap<String, String>;

/// Builds the context that every template of a project is rendered with.
pub(super) fn build(spec: &Spec, catalog: &Catalog, components: &[&Component], version: &str) -> Result<Context> {
    let line = catalog.lines().get(&spec.project.django)?;
    let mut project = to_json("project", &spec.project)?;
    project["package"] = json!(spec.project.package());
    project["slug"] = json!(spec.project.slug());
    let provided = provided_models(components)?;
    let models = ProjectModels::new(spec, catalog, &provided)?;
    let mut context = models.to_json()?;
    context["version"] = json!(version);
    context["project"] = project;
    context["django"] = json!(spec.project.django);
    context["python"] = json!(line.oldest_python());
    context["pythons"] = json!(line.pythons);
    context["components"] = chosen_components(spec)?;
    context["slots"] = filled_slots(components);
    context["private"] = private_files(components);
    let processes = components.iter().flat_map(|component| &component.manifest.processes);
    context["processes"] = to_json("processes", &processes.collect::<Vec<_>>())?;

    // What depends on conditions, which see all the rest.
    let mut context = Context::from(context);
    let conditions = Conditions::default();
    let seen = View::of_project(&context);
    let mut dependencies = dependency_groups(components, &models, seen, &conditions)?;
    dependencies["runtime"] = with_first(&dependencies["runtime"], &line.requirement);
    let commands = |of| {
        Ok::<Value, Error>(
            steps(components, of, seen, &conditions)?
                .into_iter()
                .map(|step| step.command)
                .collect(),
        )
    };
    let more = [
        ("dependencies", dependencies),
        ("untyped_modules", untyped_modules(components, seen, &conditions)?),
        ("env", environment(components, seen, &conditions, &Secrets::new())?),
        ("after_migrate", commands(|manifest| &manifest.after_migrate)?),
        ("daily", commands(|manifest| &manifest.daily)?),
    ];
    for (name, value) in more {
        context.data_mut()[name] = value;
    }
    Ok(context)
}

/// The environment variables with the secrets' values, for private files only.
pub(super) fn private_env(context: &Context, components: &[&Component], secrets: &Secrets) -> Result<Value> {
    environment(components, View::of_project(context), &Conditions::default(), secrets)
}

/// The options by component. A component without options must still count as true in `{{#if components.name}}`.
fn chosen_components(spec: &Spec) -> Result<Value> {
    let mut components = to_json("components", &spec.components)?;
    for options in components.as_object_mut().into_iter().flat_map(Map::values_mut) {
        options["chosen"] = json!(true);
    }
    Ok(components)
}

/// The files that hold secrets, which git must not take in.
fn private_files(components: &[&Component]) -> Value {
    components
        .iter()
        .flat_map(|component| &component.manifest.private)
        .cloned()
        .collect()
}

/// The slots that somebody adds to: a file that holds nothing else need not be there.
fn filled_slots(components: &[&Component]) -> Value {
    let names: BTreeSet<&str> = components
        .iter()
        .flat_map(|component| component.slots.keys())
        .map(|path| slot_name(path))
        .collect();
    json!(names)
}

fn to_json(what: &str, value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::template(what, error))
}

fn provided_models(components: &[&Component]) -> Result<IndexMap<String, Value>> {
    let mut provided = IndexMap::new();
    for component in components {
        for (name, model) in &component.manifest.models {
            provided.insert(name.clone(), to_json(name, model)?);
        }
    }
    Ok(provided)
}

/// Requirement strings by group, each sorted as `sort` would.
fn dependency_groups(
    components: &[&Component],
    models: &ProjectModels,
    view: View<'_>,
    conditions: &Conditions,
) -> Result<Value> {
    let mut groups = Map::new();
    for group in ["runtime", "production", "development"] {
        let mut requirements = Vec::new();
        for component in components {
            let manifest = &component.manifest;
            let dependencies: &IndexMap<String, DependencyDetail> = match group {
                "runtime" => &manifest.dependencies,
                "production" => &manifest.production_dependencies,
                _ => &manifest.development_dependencies,
            };
            for (requirement, detail) in dependencies {
                if conditions.holds(detail.when.as_deref(), view, &component.name)? {
                    requirements.push(requirement.clone());
                }
            }
        }
        if group == "runtime" {
            requirements.extend(models.requirements.iter().cloned());
        }
        requirements.sort_by_key(|requirement| requirement.to_lowercase());
        requirements.dedup();
        groups.insert(group.to_owned(), json!(requirements));
    }
    Ok(Value::Object(groups))
}

/// The modules of the chosen dependencies that have no types.
fn untyped_modules(components: &[&Component], view: View<'_>, conditions: &Conditions) -> Result<Value> {
    let mut modules = BTreeSet::new();
    for component in components {
        let manifest = &component.manifest;
        let groups = [
            &manifest.dependencies,
            &manifest.production_dependencies,
            &manifest.development_dependencies,
        ];
        for detail in groups.into_iter().flat_map(IndexMap::values) {
            if conditions.holds(detail.when.as_deref(), view, &component.name)? {
                modules.extend(&detail.untyped);
            }
        }
    }
    Ok(json!(modules))
}

fn with_first(requirements: &Value, first: &str) -> Value {
    let mut all = vec![json!(first)];
    all.extend(requirements.as_array().into_iter().flatten().cloned());
    Value::Array(all)
}

fn environment(components: &[&Component], view: View<'_>, conditions: &Conditions, secrets: &Secrets) -> Result<Value> {
    let in_containers = container_values(components, |manifest| &manifest.container_env, view, conditions)?;
    let in_development = container_values(components, |manifest| &manifest.development_env, view, conditions)?;
    let mut variables = Vec::new();
    for component in components {
        for variable in &component.manifest.env {
            if !conditions.holds(variable.when.as_deref(), view, &component.name)? {
                continue;
            }
            let mut entry = json!({
                "name": variable.name,
                "help": variable.help,
                "default": conditions.text(&variable.default, view, &component.name)?,
                "example": conditions.text(&variable.example, view, &component.name)?,
                "secret": variable.secret.is_some(),
                "required": variable.required,
                "outside": variable.outside,
                "in_containers": in_containers.get(&variable.name),
                "in_development": in_development.get(&variable.name),
            });
            if let Some(secret) = secrets.get(&variable.name) {
                entry["value"] = json!(secret);
            }
            variables.push(entry);
        }
    }
    Ok(Value::Array(variables))
}

/// The variables that the chosen components settle for containers.
fn container_values(
    components: &[&Component],
    of: fn(&Manifest) -> &IndexMap<String, ContainerValue>,
    view: View<'_>,
    conditions: &Conditions,
) -> Result<IndexMap<String, String>> {
    let mut values = IndexMap::new();
    for component in components {
        for (name, settled) in of(&component.manifest) {
            if conditions.holds(settled.when.as_deref(), view, &component.name)? {
                let value = conditions.text(&settled.value, view, &component.name)?;
                values.insert(name.clone(), value);
            }
        }
    }
    Ok(values)
}

pub(super) fn steps(
    components: &[&Component],
    of: fn(&Manifest) -> &Vec<NextStep>,
    view: View<'_>,
    conditions: &Conditions,
) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for component in components {
        for step in of(&component.manifest) {
            if conditions.holds(step.when.as_deref(), view, &component.name)? {
                steps.push(Step {
                    component: component.name.clone(),
                    command: conditions.text(&step.text, view, &component.name)?,
                    later: step.later.clone(),
                });
            }
        }
    }
    Ok(steps)
}
