//! What holds for every merge, whatever was edited: no line of the user's is lost, and a clean result is sound.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use djscaffold::merge::{Layout, Merged, has_markers, merge};
use djscaffold::spec::{Answers, Spec};
use proptest::prelude::*;
use ruff_python_ast::Stmt;
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged as _;

use crate::support::{catalog, rendered};

/// What a template has, with its path.
static RENDERED: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let catalog = catalog();
    let mut answers = Answers::from_preset("standard", &catalog).unwrap();
    answers.set_project("name", "myproj");
    let spec = Spec::from_answers(&answers, &catalog).unwrap();
    let files = rendered(&catalog, &spec).tree;
    let mut found = Vec::new();
    for (path, entry) in files.iter() {
        let Ok(text) = String::from_utf8(entry.content.clone()) else {
            continue;
        };
        let ends = [".py", ".toml", ".yml", ".html", ".md", ".json", ".env.example"];
        if ends.iter().any(|end| path.ends_with(end)) && (2..120).contains(&text.lines().count()) {
            found.push((path.to_owned(), text));
        }
    }
    assert!(found.len() > 50, "{}", found.len());
    found
});

/// Lines that edits write; few, so that both sides write the same ones at times.
const POOL: [&str; 20] = [
    "",
    "    \"shop\",",
    "    \"blog\",",
    "import shop",
    "from django.db import models, shop",
    "from rest_framework import status",
    "x = 1",
    "x = json",
    "def helper():\n    return 1",
    "class Mine:\n    a = 1",
    "    b = 2",
    "        return 1",
    "  redis:\n    image: redis",
    "      MINE: 1",
    "name = \"mine\"",
    "[tool.mine]\na = 1",
    "# A comment",
    "    path(\"shop/\", view),",
    "<p>Mine</p>",
    "    ),",
];

/// One edit: what is done, where, with which line.
type Edit = (u8, u16, usize);

fn edits(most: usize) -> impl Strategy<Value = Vec<Edit>> {
    proptest::collection::vec((0u8..8, any::<u16>(), 0..POOL.len() + 10), 0..=most)
}

fn edited(base: &str, edits: &[Edit], writer: &str) -> String {
    let mut lines: Vec<String> = base.lines().map(str::to_owned).collect();
    for (kind, position, line) in edits {
        let at = usize::from(*position) % (lines.len() + 1);
        let is_last = at >= lines.len();
        let written = POOL
            .get(*line)
            .map_or_else(|| format!("{writer}_{line} = {line}"), |line| (*line).to_owned());
        match kind {
            0 if !is_last => {
                lines.remove(at);
            }
            1 if !is_last => lines[at] = written,
            2 if !is_last => {
                let moved = lines.remove(at);
                lines.insert((at * 7 + line) % (lines.len() + 1), moved);
            }
            3 if !is_last => lines.insert(at, lines[at].clone()),
            4 if !is_last => lines[at].push_str("  # edited"),
            5 if !is_last => {
                lines.drain(at..(at + line % 6).min(lines.len()));
            }
            _ => lines.insert(at, written),
        }
        lines = lines.join("\n").split('\n').map(str::to_owned).collect();
    }
    if lines.is_empty() {
        String::new()
    } else {
        lines.join("\n") + "\n"
    }
}

/// Gives a file what the user's editor may: line ends, a BOM, no last line end.
fn shaped(text: &str, shape: u8) -> String {
    let mut text = match shape % 4 {
        1 => text.replace('\n', "\r\n"),
        2 => text
            .split_inclusive('\n')
            .enumerate()
            .map(|(index, line)| {
                if index % 3 == 0 {
                    line.replace('\n', "\r\n")
                } else {
                    line.to_owned()
                }
            })
            .collect(),
        _ => text.to_owned(),
    };
    if shape & 16 != 0 {
        let end = if text.ends_with("\r\n") { 2 } else { 1 };
        text.truncate(text.len().saturating_sub(end));
    }
    if shape & 32 != 0 {
        format!("\u{feff}{text}")
    } else {
        text
    }
}

/// A merge to judge.
#[derive(Debug, Clone)]
struct Case {
    path: String,
    base: String,
    ours: String,
    theirs: String,
}

fn layout() -> Layout {
    Layout::of_project(None, Some("line-length = 120\n[format]\nquote-style = \"single\"\n"))
}

fn case(base: impl Strategy<Value = (String, String)>) -> impl Strategy<Value = Case> {
    (base, edits(5), edits(4), any::<u8>()).prop_map(|((path, base), mine, generated, shape)| Case {
        ours: shaped(&edited(&base, &mine, "mine"), shape),
        theirs: edited(&base, &generated, "generated"),
        path,
        base,
    })
}

fn from_rendered() -> impl Strategy<Value = (String, String)> {
    (0..RENDERED.len()).prop_map(|index| RENDERED[index].clone())
}

/// Many equal lines: the hardest for a merge of lines.
fn from_few_lines() -> impl Strategy<Value = (String, String)> {
    let paths = ["a.txt", "a.py", "a.toml", "a.yml", "a.json", ".env", "a.md"]
        .map(str::to_owned)
        .to_vec();
    let lines = proptest::sample::select(vec!["a", "b", "", "  a", "[", "]", "a = 1", "b = 1", "  a: 1", "- b"]);
    let text = proptest::collection::vec(lines, 0..14).prop_map(|lines| lines.join("\n") + "\n");
    (proptest::sample::select(paths), text)
}

fn run(cases: u32, base: impl Strategy<Value = (String, String)>, law: impl Fn(&Case) -> Result<(), TestCaseError>) {
    let config = ProptestConfig {
        cases,
        max_shrink_iters: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner.run(&case(base), |case| law(&case)).unwrap();
}

fn without_ends(text: &str) -> Vec<&str> {
    text.trim_start_matches('\u{feff}')
        .split_terminator('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .collect()
}

fn counted<'a>(lines: &[&'a str]) -> HashMap<&'a str, usize> {
    let mut counts = HashMap::new();
    for line in lines {
        *counts.entry(*line).or_default() += 1;
    }
    counts
}

/// A module's lines without its imports, and those imports.
fn split_imports<'a>(path: &str, text: &'a str) -> (Vec<&'a str>, Vec<String>) {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = without_ends(text);
    let Some(module) = path.ends_with(".py").then(|| parse_module(text).ok()).flatten() else {
        return (lines, Vec::new());
    };
    let mut names = Vec::new();
    for statement in &module.syntax().body {
        let (from, aliases) = match statement {
            Stmt::Import(import) => (String::new(), &import.names),
            Stmt::ImportFrom(import) => (
                format!(
                    "{} {:?} ",
                    import.level,
                    import.module.as_ref().map(ToString::to_string)
                ),
                &import.names,
            ),
            _ => continue,
        };
        names.extend(aliases.iter().map(|alias| {
            format!(
                "{from}{} {:?}",
                alias.name,
                alias.asname.as_ref().map(ToString::to_string)
            )
        }));
        let (start, end) = (usize::from(statement.start()), usize::from(statement.end()));
        let (first, last) = (text[..start].matches('\n').count(), text[..end].matches('\n').count());
        lines[first..=last].fill("");
    }
    (lines, names)
}

/// Every line and every import that the user wrote is in the result; laying out what was rendered is not writing.
fn keeps_what_the_user_wrote(case: &Case, layout: &Layout, result: &str) -> Result<(), TestCaseError> {
    let (_, base_imports) = split_imports(&case.path, &case.base);
    let (ours, our_imports) = split_imports(&case.path, &case.ours);
    let (_, imports) = split_imports(&case.path, result);
    let (base, result) = (counted(&without_ends(&case.base)), counted(&without_ends(result)));
    let laid_out = layout.apply(&case.path, case.base.as_bytes()).into_owned();
    let laid_out = text(laid_out);
    let laid_out = counted(&without_ends(&laid_out));
    for (line, count) in counted(&ours) {
        let rendered = base.get(line).copied().unwrap_or_default();
        let laid_out = laid_out.get(line).copied().unwrap_or_default();
        let written = count.saturating_sub(rendered.max(laid_out));
        let there = result.get(line).copied().unwrap_or_default();
        prop_assert!(
            line.trim().is_empty() || there >= written,
            "{line:?} is lost in {result:#?}"
        );
    }
    // Where the result is not read as the user's file was, its lines have been looked at already.
    if !our_imports.is_empty() && !imports.is_empty() {
        for import in our_imports {
            prop_assert!(
                base_imports.contains(&import) || imports.contains(&import),
                "{import} is lost"
            );
        }
    }
    Ok(())
}

/// The text is laid out on disk as the user's file is.
fn keeps_its_shape(case: &Case, result: &str) -> Result<(), TestCaseError> {
    let ours = &case.ours;
    prop_assert_eq!(ours.starts_with('\u{feff}'), result.starts_with('\u{feff}'));
    let newlines = |text: &str| (text.matches('\n').count(), text.matches("\r\n").count());
    let ((all, crlf), (result_all, result_crlf)) = (newlines(ours), newlines(result));
    if all > 0 && all == crlf {
        prop_assert_eq!(result_all, result_crlf);
    }
    if crlf == 0 {
        prop_assert_eq!(result_crlf, 0);
    }
    let is_open = |text: &str| !text.trim_start_matches('\u{feff}').is_empty() && !text.ends_with('\n');
    if is_open(ours) {
        let last = without_ends(result).last().is_none_or(|line| line.is_empty());
        prop_assert!(is_open(result) || last, "{result:?}");
    }
    Ok(())
}

/// Settles every conflict for the user, as a person would in an editor.
fn settled_by_hand(marked: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut is_taken = true;
    for line in without_ends(marked) {
        match line {
            "<<<<<<< yours" => {}
            "||||||| generated before" => is_taken = false,
            ">>>>>>> djscaffold 0.2" => is_taken = true,
            line if is_taken => lines.push(line),
            _ => {}
        }
    }
    lines
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn parses(text: &str) -> bool {
    parse_module(text.trim_start_matches('\u{feff}')).is_ok()
}

/// How many merges were clean, and how many were not.
#[derive(Default)]
struct Counts {
    clean: AtomicUsize,
    conflicting: AtomicUsize,
}

fn judge(case: &Case, layout: &Layout, counts: &Counts) -> Result<(), TestCaseError> {
    let Case {
        path,
        base,
        ours,
        theirs,
    } = case;
    let merge =
        |base: &str, ours: &str, theirs: &str| merge(path, base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), layout);
    prop_assert_eq!(merge(base, ours, base), Merged::Clean(ours.clone().into_bytes()));
    match merge(base, ours, theirs) {
        Merged::Clean(result) => {
            counts.clean.fetch_add(1, Ordering::Relaxed);
            let result = text(result);
            keeps_what_the_user_wrote(case, layout, &result)?;
            if ours != base {
                keeps_its_shape(case, &result)?;
            }
            let sound = [base, ours, theirs].into_iter().all(|text| parses(text));
            prop_assert!(!path.ends_with(".py") || !sound || parses(&result), "{result}");
        }
        Merged::Conflict(conflict) => {
            counts.conflicting.fetch_add(1, Ordering::Relaxed);
            let (mine, marked) = (text(conflict.mine()), text(conflict.with_markers("0.2")));
            prop_assert!(conflict.count() > 0 && has_markers(marked.as_bytes()));
            keeps_what_the_user_wrote(case, layout, &mine)?;
            keeps_what_the_user_wrote(case, layout, &marked)?;
            keeps_its_shape(case, &mine)?;
            prop_assert_eq!(settled_by_hand(&marked), without_ends(&mine));
        }
        Merged::Binary => prop_assert!(false, "binary"),
    }
    Ok(())
}

fn hold_for(cases: u32, base: impl Strategy<Value = (String, String)>) {
    let counts = Counts::default();
    run(cases, base, |case| {
        let Case { path, base, theirs, .. } = case;
        let taken = merge(
            path,
            base.as_bytes(),
            base.as_bytes(),
            theirs.as_bytes(),
            &Layout::default(),
        );
        prop_assert_eq!(taken, Merged::Clean(theirs.clone().into_bytes()));
        judge(case, &Layout::default(), &counts)
    });
    // A merge that always gives up would lose nothing either.
    let (clean, conflicting) = (counts.clean.into_inner(), counts.conflicting.into_inner());
    assert!(
        clean * 4 > conflicting && conflicting * 10 > clean,
        "{clean} {conflicting}"
    );
}

#[test]
fn the_laws_hold_for_rendered_files() {
    hold_for(9_000, from_rendered());
}

#[test]
fn the_laws_hold_for_equal_lines() {
    hold_for(10_000, from_few_lines());
}

#[test]
fn the_laws_hold_in_another_layout() {
    let (layout, counts) = (layout(), Counts::default());
    let python: Vec<_> = RENDERED
        .iter()
        .filter(|(path, _)| path.ends_with(".py"))
        .cloned()
        .collect();
    run(3_000, proptest::sample::select(python), |case| {
        let laid_out = |text: &str| String::from_utf8(layout.apply(&case.path, text.as_bytes()).into_owned()).unwrap();
        let (base, theirs) = (laid_out(&case.base), laid_out(&case.theirs));
        let taken = merge(
            &case.path,
            case.base.as_bytes(),
            base.as_bytes(),
            case.theirs.as_bytes(),
            &layout,
        );
        if parses(&case.theirs) {
            prop_assert_eq!(taken, Merged::Clean(theirs.into_bytes()));
        }
        let case = Case {
            ours: laid_out(&case.ours),
            ..case.clone()
        };
        if !parses(&case.theirs) || !parses(&case.ours) {
            return Ok(());
        }
        judge_laid_out(&case, &layout, &counts)
    });
    let (clean, conflicting) = (counts.clean.into_inner(), counts.conflicting.into_inner());
    assert!(clean > conflicting, "{clean} {conflicting}");
}

fn judge_laid_out(case: &Case, layout: &Layout, counts: &Counts) -> Result<(), TestCaseError> {
    let merged = merge(
        &case.path,
        case.base.as_bytes(),
        case.ours.as_bytes(),
        case.theirs.as_bytes(),
        layout,
    );
    let result = match merged {
        Merged::Clean(result) => {
            counts.clean.fetch_add(1, Ordering::Relaxed);
            prop_assert!(parses(&text(result.clone())));
            text(result)
        }
        Merged::Conflict(conflict) => {
            counts.conflicting.fetch_add(1, Ordering::Relaxed);
            text(conflict.mine())
        }
        Merged::Binary => return Err(TestCaseError::fail("binary")),
    };
    keeps_what_the_user_wrote(case, layout, &result)
}

#[test]
fn any_bytes_merge() {
    let bytes = || {
        proptest::collection::vec(
            proptest::sample::select(b"a\n\r\0\xef\xbb\xbf \"'([{:=#-*&!%@".to_vec()),
            0..30,
        )
    };
    let paths = ["a.py", "a.toml", "a.yml", "a.json", ".env", "a.md", "a"]
        .map(str::to_owned)
        .to_vec();
    proptest!(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() }, |(
        path in proptest::sample::select(paths), base in bytes(), ours in bytes(), theirs in bytes()
    )| {
        for layout in [Layout::default(), layout()] {
            if let Merged::Conflict(conflict) = merge(&path, &base, &ours, &theirs, &layout) {
                prop_assert!(has_markers(&conflict.with_markers("0.2")));
            }
        }
    });
}
