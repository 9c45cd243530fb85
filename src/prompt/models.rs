//! The questions about an app or a model that is to come.

use super::{Choice, Prompter, Rules};
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::model::{Choices, Field, Kind, Model, NewModel, parse_field};
use crate::report::shell_word;
use crate::spec::{Spec, check_app_name, propose_app_name};

const NONE: &str = "none";
const DONE: &str = "Done";
const ANOTHER: &str = "Another field";
const CORRECT: &str = "Remove the last field";

/// Asks what a new app is called.
///
/// # Errors
/// Ctrl-C, or a terminal that is gone.
pub fn ask_app(prompter: &mut dyn Prompter, spec: &Spec, catalog: &Catalog) -> Result<String> {
    let check = |name: &str| {
        check_app_name(name, &spec.project, catalog)?;
        if spec.apps.contains_key(name) {
            return Err(Error::input(format!("the app `{name}` is there already")));
        }
        Ok(())
    };
    let propose = |name: &str| propose_app_name(name, catalog);
    let rules = Rules {
        check: &check,
        propose: &propose,
    };
    prompter.text("App", "A plural noun or a subject, such as shop", "", rules)
}

/// Asks for a model, field by field, and shows its class as it grows. `class` gives the class of that name in an app of
/// the declaration as it would be written.
///
/// # Errors
/// As [`ask_app`].
pub fn ask_model(
    prompter: &mut dyn Prompter,
    spec: &Spec,
    catalog: &Catalog,
    class: &dyn Fn(&Spec, &str, &str) -> Result<String>,
) -> Result<NewModel> {
    if spec.apps.is_empty() {
        return Err(Error::input("this project has no apps").hint("add one first: `djscaffold add app shop`"));
    }
    let mut asking = Asking {
        prompter,
        spec,
        catalog,
        class,
        new: NewModel::default(),
        model: Model::default(),
    };
    asking.ask_app()?;
    asking.ask_name()?;
    loop {
        asking.ask_field()?;
        asking.show();
        if asking.is_done()? {
            break;
        }
    }
    asking.ask_pointers()?;
    asking.show();
    let words: Vec<String> = asking.new.words().iter().map(|word| shell_word(word)).collect();
    let command = format!("The same without questions: djscaffold add model {}", words.join(" "));
    asking.prompter.show(&command);
    Ok(asking.new)
}

/// A model as far as it was told.
struct Asking<'a> {
    prompter: &'a mut dyn Prompter,
    spec: &'a Spec,
    catalog: &'a Catalog,
    class: &'a dyn Fn(&Spec, &str, &str) -> Result<String>,
    new: NewModel,
    model: Model,
}

impl Asking<'_> {
    /// The project with the model as it is.
    fn spec_with(&self, model: Model) -> Result<Spec> {
        spec_with(self.spec, &self.new, model, self.catalog)
    }

    fn ask_app(&mut self) -> Result<()> {
        let apps: Vec<Choice> = self.spec.apps.keys().map(|app| Choice::new(app, "")).collect();
        let mut chosen = None;
        // There is nothing before it to go back to.
        while chosen.is_none() {
            chosen = self.prompter.choose("App", "", &apps, apps.len() - 1)?;
        }
        self.new.app.clone_from(&apps[chosen.unwrap_or_default()].label);
        Ok(())
    }

    fn ask_name(&mut self) -> Result<()> {
        let (spec, app) = (self.spec, self.new.app.clone());
        let any_field = parse_field("some_text:text", self.catalog.kinds(), None);
        let model = Model {
            fields: any_field.into_iter().collect(),
            ..Model::default()
        };
        let check = |name: &str| {
            let mut spec = spec.clone();
            let app_of = spec.apps.get_mut(&app);
            if app_of.is_some_and(|app| app.models.insert(name.to_owned(), model.clone()).is_some()) {
                return Err(Error::input(format!("`{app}.{name}` is there already")));
            }
            spec.checked(self.catalog).map(drop)
        };
        let propose = |name: &str| {
            let proposed = heck::AsUpperCamelCase(name).to_string();
            (!proposed.is_empty() && proposed != name).then_some(proposed)
        };
        let rules = Rules {
            check: &check,
            propose: &propose,
        };
        let help = "A singular noun in CapWords, such as Product";
        self.new.name = self.prompter.text("Model", help, "", rules)?;
        Ok(())
    }

    /// One field: its name, its kind and what that needs.
    fn ask_field(&mut self) -> Result<()> {
        let user = self.user();
        let known = self.model.fields.clone();
        let check_name = |name: &str| {
            if known.contains_key(name) {
                return Err(Error::input(format!("the field `{name}` is there already")));
            }
            let probe = format!("{name}:text");
            let read = parse_field(&probe, self.catalog.kinds(), user.as_deref());
            read.map(drop).map_err(|mistake| Error::input(mistake.message))
        };
        let propose = |name: &str| {
            let proposed = heck::AsSnakeCase(name).to_string();
            (!proposed.is_empty() && proposed != name).then_some(proposed)
        };
        let rules = Rules {
            check: &check_name,
            propose: &propose,
        };
        let name = self.prompter.text("Field", "Its name, such as price", "", rules)?;
        loop {
            let Some((kind_name, kind)) = self.ask_kind()? else {
                continue;
            };
            let word = self.ask_word(&name, &kind_name, &kind, user.as_deref())?;
            let (name, field) = parse_field(&word, self.catalog.kinds(), user.as_deref())
                .map_err(|mistake| Error::input(mistake.message))?;
            self.model.fields.insert(name, field);
            self.new.fields.push(word);
            return Ok(());
        }
    }

    fn ask_kind(&mut self) -> Result<Option<(String, Kind)>> {
        let kinds: Vec<(&str, &Kind)> = self.catalog.kinds().declarable().collect();
        let choices: Vec<Choice> = kinds
            .iter()
            .map(|(name, kind)| Choice::new(*name, format!("models.{}", kind.class)))
            .collect();
        let chosen = self.prompter.choose("Kind", "", &choices, 0)?;
        Ok(chosen.map(|index| (kinds[index].0.to_owned(), kinds[index].1.clone())))
    }

    /// The word for a field of that kind: what stands behind the kind, and whether it may be empty.
    fn ask_word(&mut self, name: &str, kind_name: &str, kind: &Kind, user: Option<&str>) -> Result<String> {
        let mut word = format!("{name}:{kind_name}");
        if !kind.arguments.is_empty() {
            let (model, new, spec, catalog) = (self.model.clone(), self.new.clone(), self.spec, self.catalog);
            let word_with = |typed: &str| match typed {
                "" => word.clone(),
                typed => format!("{word}:{typed}"),
            };
            let check = |typed: &str| {
                let read = parse_field(&word_with(typed), catalog.kinds(), user);
                let (name, field) = read.map_err(|mistake| Error::input(mistake.message))?;
                let mut model = model.clone();
                model.fields.insert(name, field);
                spec_with(spec, &new, model, catalog).map(drop)
            };
            let help = kind
                .example
                .as_ref()
                .map(|example| format!("as in {example}"))
                .unwrap_or_default();
            let rules = Rules {
                check: &check,
                propose: &|_| None,
            };
            let typed = self.prompter.text(&kind.arguments.join(","), &help, "", rules)?;
            word = word_with(&typed);
        }
        if self.prompter.confirm("May it be empty?", "", false)? {
            word.push('?');
        }
        Ok(word)
    }

    fn is_done(&mut self) -> Result<bool> {
        let choices = [ANOTHER, DONE, CORRECT].map(|label| Choice::new(label, ""));
        let chosen = self.prompter.step("What now?", "", &choices, 0)?;
        if chosen == Some(2) {
            self.new.fields.pop();
            self.model.fields.pop();
        }
        Ok(chosen == Some(1))
    }

    /// The fields that names an object, its owner and so on, where one can be it.
    fn ask_pointers(&mut self) -> Result<()> {
        for (pointer, question) in [
            ("label", "Which field names an object?"),
            ("slug", "Which field stands in its URLs?"),
            ("owner", "Which field is its owner?"),
            ("public", "What makes it visible to everyone?"),
        ] {
            let fitting = self.fitting(pointer);
            if fitting.is_empty() {
                continue;
            }
            let mut choices: Vec<Choice> = fitting.iter().map(|value| Choice::new(value, "")).collect();
            choices.push(Choice::new(NONE, ""));
            // What nobody answers makes nothing visible.
            let default = if pointer == "public" { fitting.len() } else { 0 };
            let chosen = self.prompter.choose(question, "", &choices, default)?;
            if let Some(value) = chosen.and_then(|index| fitting.get(index)) {
                self.new.pointers.push((pointer.to_owned(), value.clone()));
                self.model = NewModel::pointing(&self.model, &self.new.pointers);
            }
        }
        Ok(())
    }

    /// What a pointer can be, by trying it.
    fn fitting(&self, pointer: &str) -> Vec<String> {
        let values = self
            .model
            .fields
            .iter()
            .flat_map(|(name, field)| match choice_values(field) {
                values if values.is_empty() => vec![name.clone()],
                values => values.iter().map(|value| format!("{name}={value}")).collect(),
            });
        let fits = |value: &String| {
            let model = NewModel::pointing(&self.model, &[(pointer.to_owned(), value.clone())]);
            self.spec_with(model).is_ok()
        };
        values.filter(fits).collect()
    }

    /// Shows the class as it would be written.
    fn show(&mut self) {
        let spec = self.spec_with(self.model.clone());
        let shown = spec.and_then(|spec| (self.class)(&spec, &self.new.app, &self.new.name));
        if let Ok(shown) = shown {
            self.prompter.show(&shown);
        }
    }

    fn user(&self) -> Option<String> {
        let provided = self.spec.provided_models(self.catalog);
        provided
            .into_iter()
            .find(|(_, target)| target.user)
            .map(|(name, _)| name)
    }
}

fn spec_with(spec: &Spec, new: &NewModel, model: Model, catalog: &Catalog) -> Result<Spec> {
    let mut spec = spec.clone();
    if let Some(app) = spec.apps.get_mut(&new.app) {
        app.models.insert(new.name.clone(), model);
    }
    spec.checked(catalog)
}

/// The values of a choice; none of other fields.
fn choice_values(field: &Field) -> Vec<String> {
    let labelled = field.choices.as_ref().map(Choices::labelled).unwrap_or_default();
    labelled.into_iter().map(|(value, _)| value).collect()
}
