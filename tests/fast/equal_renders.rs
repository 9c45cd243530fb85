//! Changing an untouched project gives what `new` would have given, byte for byte; and changing it back, what it was.

use std::collections::BTreeMap;

use djscaffold::catalog::{Catalog, OptionKind, OptionSpec, Source};
use djscaffold::living::Intent;
use djscaffold::spec::{Answers, Spec};

use crate::site::{Site, answers, generated};

const PRESETS: [&str; 3] = ["minimal", "standard", "full"];

/// A project changed there and back.
struct Trip {
    from: Answers,
    to: Answers,
    there: Intent,
    back: Intent,
}

impl Trip {
    fn make(&self) {
        let source = Source::embedded();
        let site = Site::from_answers(&self.from, Source::embedded());
        site.apply(&self.there).unwrap();
        assert_same(&site.files(), &generated(&self.to, &source), &self.there);
        site.apply(&self.back).unwrap();
        assert_same(&site.files(), &generated(&self.from, &source), &self.back);
    }
}

pub(crate) fn assert_same(found: &BTreeMap<String, Vec<u8>>, wanted: &BTreeMap<String, Vec<u8>>, intent: &Intent) {
    for path in found.keys().chain(wanted.keys()) {
        let text = |files: &BTreeMap<String, Vec<u8>>| {
            files.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        let (found, wanted) = (text(found), text(wanted));
        if found != wanted {
            let (found, wanted) = (found.unwrap_or_default(), wanted.unwrap_or_default());
            let diff = djscaffold::report::unified_diff(path, wanted.as_bytes(), found.as_bytes());
            panic!("after `{}` {path} is not what `new` writes:\n{diff}", intent.command());
        }
    }
}

fn chosen(answers: &Answers, catalog: &Catalog) -> Spec {
    Spec::from_answers(answers, catalog).unwrap()
}

/// Every component that can come to a preset, and every one that can leave it with those that need it.
fn component_trips(preset: &str) -> Vec<Trip> {
    let catalog = Catalog::load(None).unwrap();
    let from = answers(preset, &catalog);
    let spec = chosen(&from, &catalog);
    let mut trips = Vec::new();
    for component in catalog
        .components()
        .filter(|component| component.manifest.fixed.is_none())
    {
        if component.manifest.shared {
            continue; // comes and goes with others
        }
        if spec.components.contains_key(&component.name) {
            let going = with_dependents(&component.name, &spec, &catalog);
            let is_fixed = |name: &String| catalog.component(name).unwrap().manifest.fixed.is_some();
            if going.len() == spec.components.len() || going.iter().any(is_fixed) {
                continue;
            }
            let mut to = from.clone();
            // The answers name what the preset names; what is required comes by itself, and has to be named to stay.
            for name in spec.components.keys() {
                to.with(name);
            }
            for name in &going {
                to.drop(name);
            }
            trips.push(Trip {
                there: Intent::Remove {
                    components: going.clone(),
                },
                back: Intent::Add {
                    settings: settings(&going, &spec),
                    components: going,
                },
                from: from.clone(),
                to,
            });
        } else {
            let mut to = from.clone();
            to.with(&component.name);
            if Spec::from_answers(&to, &catalog).is_err() {
                continue; // excludes one that is there
            }
            let coming: Vec<String> = chosen(&to, &catalog).components.into_keys().collect();
            let coming = coming
                .into_iter()
                .filter(|name| !spec.components.contains_key(name))
                .collect();
            trips.push(Trip {
                there: Intent::Add {
                    components: vec![component.name.clone()],
                    settings: Vec::new(),
                },
                back: Intent::Remove { components: coming },
                from: from.clone(),
                to,
            });
        }
    }
    trips
}

fn with_dependents(name: &str, spec: &Spec, catalog: &Catalog) -> Vec<String> {
    let mut going = vec![name.to_owned()];
    for component in catalog.components() {
        let options = spec.components.get(&component.name);
        let is_left = options.is_some() && !going.contains(&component.name);
        if is_left
            && component
                .required(options)
                .any(|needed| going.iter().any(|gone| gone == needed))
        {
            going.push(component.name.clone());
        }
    }
    going
}

fn settings(components: &[String], spec: &Spec) -> Vec<String> {
    let options = components.iter().flat_map(|name| {
        let options = &spec.components[name];
        options
            .iter()
            .map(move |(option, value)| format!("{name}.{option}={}", written(value)))
    });
    options.collect()
}

fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::Array(values) => values.iter().map(written).collect::<Vec<_>>().join(","),
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn values(option: &OptionSpec) -> Vec<toml::Value> {
    let one = |choice: &String| toml::Value::String(choice.clone());
    match option.kind {
        OptionKind::Choice => option.choices.iter().map(one).collect(),
        // Every set of few choices; of many, none, each alone, and all.
        OptionKind::Choices => (u32::from(!option.may_be_empty)..1u32 << option.choices.len())
            .filter(|bits| {
                option.choices.len() <= 3
                    || bits.count_ones() <= 1
                    || bits.count_ones() as usize == option.choices.len()
            })
            .map(|bits| {
                let is_in = |index: &usize| bits >> index & 1 == 1;
                let indices = (0..option.choices.len()).filter(is_in);
                toml::Value::Array(indices.map(|index| one(&option.choices[index])).collect())
            })
            .collect(),
        OptionKind::Lists => {
            let mut lists = toml::Table::new();
            lists.insert("editor".to_owned(), vec!["blog.change_post"].into());
            lists.insert("the \"head\"".to_owned(), toml::Value::Array(Vec::new()));
            vec![option.default.clone(), lists.into()]
        }
        OptionKind::Boolean => vec![true.into(), false.into()],
        OptionKind::Integer => vec![option.default.clone(), 7.into()],
        OptionKind::Text => vec![option.default.clone(), "\"other\" text".into()],
    }
}

/// Every pair of values of every option, on the smallest preset that has the component.
fn option_trips() -> Vec<Trip> {
    let catalog = Catalog::load(None).unwrap();
    let mut trips = Vec::new();
    for component in catalog.components() {
        let preset = PRESETS.iter().find(|preset| {
            let spec = chosen(&answers(preset, &catalog), &catalog);
            spec.components.contains_key(&component.name)
        });
        for (name, option) in component
            .manifest
            .options
            .iter()
            .filter(|(_, option)| option.fixed.is_none())
        {
            let values = values(option);
            for (index, first) in values.iter().enumerate() {
                for second in &values[index + 1..] {
                    let mut from = answers(preset.unwrap_or(&"full"), &catalog);
                    from.set(&component.name, name, first.clone());
                    let mut to = from.clone();
                    to.set(&component.name, name, second.clone());
                    let set = |value| Intent::Set {
                        settings: vec![format!("{}.{name}={}", component.name, written(value))],
                    };
                    trips.push(Trip {
                        there: set(second),
                        back: set(first),
                        from,
                        to,
                    });
                }
            }
        }
    }
    trips
}

fn fact_trips() -> Vec<Trip> {
    let catalog = Catalog::load(None).unwrap();
    let facts = [
        ("title", "Zoë's \"shop\" <b>"),
        ("description", "It's {{ braces }} and # signs"),
        ("author", "Zoë O'Neil"),
        ("email", "zoe@example.org"),
        ("domain", "shop.example.org"),
        ("time_zone", "Europe/Berlin"),
        ("language", "en-gb"),
        ("django", "6.1"),
    ];
    let from = answers("full", &catalog);
    let before = toml::Table::try_from(&chosen(&from, &catalog).project).unwrap();
    let trip = |(fact, value): (&str, &str)| {
        let mut to = from.clone();
        to.set_project(fact, value);
        let set = |value: &str| Intent::Set {
            settings: vec![format!("project.{fact}={value}")],
        };
        Trip {
            there: set(value),
            back: set(before[fact].as_str().unwrap()),
            from: from.clone(),
            to,
        }
    };
    facts.map(trip).into()
}

fn make_all(trips: &[Trip], at_least: usize) {
    assert!(trips.len() >= at_least, "only {} trips", trips.len());
    let half = trips.len() / 2;
    std::thread::scope(|scope| {
        for part in [&trips[..half], &trips[half..]] {
            scope.spawn(|| part.iter().for_each(Trip::make));
        }
    });
}

#[test]
fn components_come_to_minimal_and_go() {
    make_all(&component_trips("minimal"), 6);
}

#[test]
fn components_come_to_standard_and_go() {
    make_all(&component_trips("standard"), 6);
}

#[test]
fn components_come_to_a_project_without_pages_and_go() {
    make_all(&component_trips("api"), 6);
}

#[test]
fn components_leave_full_and_come_back() {
    make_all(&component_trips("full"), 6);
}

#[test]
fn options_change_there_and_back() {
    make_all(&option_trips(), 30);
}

#[test]
fn facts_about_the_project_change_there_and_back() {
    make_all(&fact_trips(), 8);
}
