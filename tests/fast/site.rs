//! A living project in a folder of its own, for tests to do things with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use djscaffold::apply::{Ground, Writer, write_project};
use djscaffold::catalog::{Catalog, Source};
use djscaffold::error::Result;
use djscaffold::living::{Intent, Outlook, Project, look_ahead};
use djscaffold::merge::{Plan, Settlement};
use djscaffold::render::BASE;
use djscaffold::spec::{Answers, Spec};
use djscaffold::tree::{Entry, Tree, parse_base};

use crate::support::{files, program, rendered_as};

/// A project, and the templates that it was made with.
pub(crate) struct Site {
    _folder: tempfile::TempDir,
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
        Self {
            _folder: folder,
            root,
            source,
        }
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
        let is_shared =
            |path: &str| path != ".env" && (!path.starts_with(".djscaffold/") || path == ".djscaffold/base");
        files(&self.root)
            .into_iter()
            .filter(|(path, _)| is_shared(path))
            .collect()
    }

    /// Every file, `.env` too, but what djscaffold keeps for itself.
    pub(crate) fn everything(&self) -> BTreeMap<String, Vec<u8>> {
        let is_memory = |path: &str| path.starts_with(".djscaffold/") && path != ".djscaffold/base";
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
