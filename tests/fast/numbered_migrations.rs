//! A component's migration comes after those that the app has, and stays where it is once it was written.

use djscaffold::catalog::Catalog;
use djscaffold::inspect::read_migrations;
use djscaffold::model::Migration;
use djscaffold::spec::{Answers, Spec};

use crate::support::{catalog, rendered};

/// The search migration of `blog`, given the migrations that the project has.
fn search(catalog: &Catalog, has: Vec<Migration>) -> (String, String) {
    let mut answers = Answers::from_preset("standard", catalog).unwrap();
    answers.set_project("name", "myproj");
    let mut spec = Spec::from_answers(&answers, catalog).unwrap();
    spec.apps["blog"].migrations = has;
    let tree = rendered(catalog, &spec).tree;
    let mut found = tree.iter().filter(|(path, _)| path.ends_with("_search.py"));
    let (path, entry) = found.next().unwrap();
    assert!(found.next().is_none());
    (path.to_owned(), String::from_utf8_lossy(&entry.content).into_owned())
}

#[test]
fn a_new_project_has_it_behind_the_first() {
    let (path, text) = search(&catalog(), Vec::new());
    assert_eq!(path, "blog/migrations/0002_search.py");
    assert!(text.contains("(\"blog\", \"0001_initial\")"), "{text}");
}

#[test]
fn a_living_project_has_it_behind_its_own_and_then_for_good() {
    let catalog = catalog();
    let own = |after: &str| format!("class Migration:\n    dependencies = [(\"blog\", \"{after}\")]\n");
    let mut files = vec![
        ("0001_initial".to_owned(), String::new()),
        ("0002_price".to_owned(), own("0001_initial")),
    ];
    let first = search(&catalog, read_migrations("blog", &files));
    assert_eq!(first.0, "blog/migrations/0003_search.py");
    assert!(first.1.contains("(\"blog\", \"0002_price\")"), "{}", first.1);

    files.push(("0003_search".to_owned(), first.1.clone()));
    files.push(("0004_more".to_owned(), own("0003_search")));
    assert_eq!(search(&catalog, read_migrations("blog", &files)), first);
}
