"""No project or app may be called like a module that it would shadow or be shadowed by."""

from pathlib import Path

import pytest

from support.binary import WITHOUT_TOOLS, djscaffold
from support.environments import environment, importable

LINES = ["5.2", "6.1"]


def accepted(folder: Path, names: list[str], *arguments: str) -> list[str]:
    """Return the names that are not refused; `NAME` in the arguments stands for each."""
    taken = []
    for name in names:
        flags = [argument.replace("NAME", name) for argument in arguments]
        result = djscaffold("new", *flags, *WITHOUT_TOOLS, "--dry-run", cwd=folder)
        if result.code == 0:
            taken.append(name)
        else:
            assert result.code in (1, 2), result
            assert name in result.err, result
    return taken


@pytest.fixture(scope="module")
def modules() -> list[str]:
    names = {name for line in LINES for name in importable(environment(line).python)}
    assert {"django", "environ", "axes", "psycopg_pool", "email", "sys", "pytest", "yaml"} <= names
    return sorted(names)


@pytest.mark.xdist_group("names-app")
def test_importable_names_are_refused_for_an_app(modules: list[str], folder: Path) -> None:
    assert accepted(folder, modules, "x", "--app", "NAME") == []


@pytest.mark.xdist_group("names-project")
def test_importable_names_are_refused_for_a_project(modules: list[str], folder: Path) -> None:
    assert accepted(folder, modules, "NAME") == []


@pytest.mark.xdist_group("names-app")
def test_labels_and_folders_of_the_project_are_refused_for_an_app(folder: Path) -> None:
    assert (
        accepted(folder, ["config", "accounts", "templates", "static", "tests", "deploy"], "x", "--app", "NAME") == []
    )


@pytest.mark.xdist_group("names-app")
def test_ordinary_names_are_accepted(folder: Path) -> None:
    names = ["shop", "news", "my_app", "library", "catalogue2", "polls"]
    assert accepted(folder, names, "x", "--app", "NAME") == names
    assert accepted(folder, ["my-shop", "news", "bookshelf"], "NAME") == ["my-shop", "news", "bookshelf"]
