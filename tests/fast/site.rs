//! A living project in a folder of its own, for tests to do things with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use djscaffold::apply::{Ground, Writer, write_project};
use djscaffold::catalog::{Catalog, Source};
use djscaffold::error::Result;
use djscaffold::inspect::{SNAPSHOT, Snapshot};
use djscaffold::living::{Intent, Outlook, Project, look_ahead};
use djscaffold::merge::{Plan, Settlement};
use djscaffold::render::BASE;
use djscaffold::spec::{AnswerLayer, Answers, Spec};
use djscaffold::tree::{Entry, Tree, parse_base};

use crate::support::{files, program, rendered_as};

/// A project, and the templates that it was made with.
pub(crate) struct Site {
    folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
    pub(crate) source: Source,
}

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn answers(preset: &str, catalog: &Catalog) -> Answers {
    let mut answers = Answers::from_preset(preset, catalog).unwrap();
    answers.set_project("name", "mysite");
    answers
}

/// The models of the presets, as an answers file has them, with one text put in place of another.
pub(crate) fn models(from: &str, to: &str) -> String {
    let preset = Source::embedded().get("presets/minimal.toml").unwrap().to_vec();
    let preset = String::from_utf8(preset).unwrap();
    let apps = &preset[preset.find("[apps.").unwrap()..];
    assert!(apps.contains(from), "no `{from}` in {apps}");
    apps.replace(from, to)
}

/// A project as `new` renders it, by path; what is of one machine only is left out.
pub(crate) fn generated(answers: &Answers, source: &Source) -> BTreeMap<String, Vec<u8>> {
    let catalog = Catalog::from_source(source).unwrap();
    let spec = Spec::from_answers(answers, &catalog).unwrap();
    let tree = rendered_as(&catalog, &spec, djscaffold::VERSION).tree;
    tree.iter()
        .filter(|(path, _)| *path != ".env")
        .map(|(path, entry)| (path.to_owned(), entry.content.clone()))
        .collect()
}

/// Whether djscaffold keeps a file for itself.
fn is_memory(path: &str) -> bool {
    path.starts_with(".djscaffold/") && ![BASE, SNAPSHOT].contains(&path)
}

impl Site {
    /// The project of a preset.
    pub(crate) fn new(preset: &str) -> Self {
        let source = Source::embedded();
        let answers = answers(preset, &Catalog::from_source(&source).unwrap());
        Self::from_answers(&answers, source)
    }

    pub(crate) fn from_answers(answers: &Answers, source: Source) -> Self {
        let catalog = Catalog::from_source(&source).unwrap();
        let spec = Spec::from_answers(answers, &catalog).unwrap();
        Self::from_tree(&rendered_as(&catalog, &spec, djscaffold::VERSION).tree, source)
    }

    fn from_tree(tree: &Tree, source: Source) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site");
        write_project(&Plan::first(tree, &Tree::default()), &root, &Ground::Free).unwrap();
        let site = Self { folder, root, source };
        site.python("echo 'there is no Django here' >&2; exit 1");
        site
    }

    /// Gives the project's environment an interpreter of a few lines of shell.
    fn python(&self, script: &str) {
        let path = self.folder.path().join("environment/bin/python");
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs_err::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// From now on Django says that there are these models, as an answers file has them.
    pub(crate) fn django_says(&self, apps: &str) -> &Self {
        let catalog = Catalog::from_source(&self.source).unwrap();
        let mut answers = answers("minimal", &catalog);
        answers.lay_over(AnswerLayer::parse(apps, "the test").unwrap());
        let spec = Spec::from_answers(&answers, &catalog).unwrap();
        self.django_answers(&Snapshot::of(&spec.apps, catalog.kinds()).write().unwrap())
    }

    /// From now on Django says this.
    pub(crate) fn django_answers(&self, answer: &str) -> &Self {
        let path = self.folder.path().join("answer.json");
        fs_err::write(&path, answer).unwrap();
        self.python(&format!(
            "cat >/dev/null; echo \"$2\"; cat '{}'; echo \"$2\"",
            path.display()
        ));
        self
    }

    /// The project that a base was written for, untouched.
    pub(crate) fn from_base(text: &str) -> Self {
        let mut tree = parse_base(text).unwrap();
        tree.insert(BASE, Entry::text(text));
        Self::from_tree(&tree, Source::embedded())
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs_err::read_to_string(self.root.join(path)).unwrap()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.root.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
        self
    }

    /// Replaces a text that a file must hold.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) -> &Self {
        let text = self.read(path);
        assert!(text.contains(from), "no `{from}` in {path}:\n{text}");
        self.write(path, text.replacen(from, to, 1))
    }

    pub(crate) fn remove(&self, path: &str) -> &Self {
        fs_err::remove_file(self.root.join(path)).unwrap();
        self
    }

    /// Every file but what is of one machine only.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let is_shared = |path: &str| path != ".env" && !is_memory(path);
        files(&self.root)
            .into_iter()
            .filter(|(path, _)| is_shared(path))
            .collect()
    }

    /// Every file, `.env` too, but what djscaffold keeps for itself.
    pub(crate) fn everything(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.root)
            .into_iter()
            .filter(|(path, _)| !is_memory(path))
            .collect()
    }

    /// What would be done.
    pub(crate) fn look(&self, intent: &Intent) -> Result<Outlook> {
        look_ahead(&Project::find(&self.root)?, &self.source, intent)
    }

    /// Does it, conflicts between markers, without a process of its own.
    pub(crate) fn apply(&self, intent: &Intent) -> Result<Plan> {
        let (writer, _) = Writer::take(&self.root)?;
        let mut plan = self.look(intent)?.plan;
        plan.settle_all(&Settlement::Markers {
            version: djscaffold::VERSION.to_owned(),
        });
        writer.apply(&plan, &intent.command())?;
        Ok(plan)
    }

    /// Runs the program in the project.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_in("", arguments)
    }

    /// Runs the program in a folder of the project.
    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Ran {
        let output = Command::new(program())
            .args(arguments)
            .current_dir(self.root.join(folder))
            .env("VIRTUAL_ENV", self.folder.path().join("environment"))
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs the program, which must come to this exit code.
    pub(crate) fn must(&self, code: i32, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.out, ran.err);
        ran
    }
}
