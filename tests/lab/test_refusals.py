"""A refusal says why and what to do instead, and writes nothing."""

from pathlib import Path

import pytest

from support.binary import WITHOUT_TOOLS, djscaffold, tree

NO_FIELDS = '[apps.news.models.Thing]\nlabel = "name"\n'
TRAVERSAL = "my-app/../../x"

REFUSED = {
    "project-class": (["class"], "class"),
    "project-django": (["django"], "django"),
    "project-test": (["test"], "test"),
    "project-digit-first": (["2fast"], "2fast"),
    "project-traversal": ([TRAVERSAL], TRAVERSAL),
    "project-empty": ([""], "name"),
    "project-space": (["my shop"], "my shop"),
    "app-class": (["shop", "--app", "class"], "class"),
    "app-django": (["shop", "--app", "django"], "django"),
    "app-test": (["shop", "--app", "test"], "test"),
    "app-digit-first": (["shop", "--app", "2fast"], "2fast"),
    "app-traversal": (["shop", "--app", TRAVERSAL], TRAVERSAL),
    "app-like-the-project": (["my-shop", "--app", "my_shop"], "my_shop"),
    "app-twice": (["shop", "--app", "news", "--app", "news"], "news"),
    "unknown-component": (["shop", "--with", "teleport"], "teleport"),
    "unknown-component-left-out": (["shop", "--without", "teleport"], "teleport"),
    "unknown-preset": (["shop", "--preset", "enormous"], "enormous"),
    "unknown-django": (["shop", "--django", "1.11"], "1.11"),
    "set-bad-value": (["shop", "--set", "accounts.login=telepathy"], "telepathy"),
    "set-unknown-option": (["shop", "--set", "accounts.colour=red"], "colour"),
    "set-without-value": (["shop", "--set", "accounts.login"], "accounts.login"),
    "time-zone-on-mars": (["shop", "--answers", "mars.toml"], "Mars/Olympus"),
    "bad-email": (["shop", "--answers", "email.toml"], "nobody at all"),
    "bad-domain": (["shop", "--answers", "domain.toml"], "not a domain"),
    "model-without-fields": (["shop", "--answers", "fields.toml"], "Thing"),
    "answers-missing": (["shop", "--answers", "nowhere.toml"], "nowhere.toml"),
    "answers-broken": (["shop", "--answers", "broken.toml"], "broken.toml"),
    "target-not-empty": (["full"], "full"),
    "target-is-a-file": (["afile"], "afile"),
    "no-terminal": (["shop"], "--yes"),
}


@pytest.fixture
def desk(folder: Path) -> Path:
    """Return a folder with things in it that must all still be there afterwards."""
    (folder / "full").mkdir()
    (folder / "full/manage.py").write_text("mine = True\n")
    (folder / "afile").write_text("mine\n")
    (folder / "mars.toml").write_text('[project]\ntime_zone = "Mars/Olympus"\n')
    (folder / "email.toml").write_text('[project]\nemail = "nobody at all"\n')
    (folder / "domain.toml").write_text('[project]\ndomain = "not a domain"\n')
    (folder / "fields.toml").write_text(NO_FIELDS)
    (folder / "broken.toml").write_text('[project\ntitle = "x"\n')
    return folder


@pytest.mark.parametrize("refusal", REFUSED)
def test_refused_with_nothing_written(desk: Path, refusal: str) -> None:
    arguments, named = REFUSED[refusal]
    flags = [flag for flag in WITHOUT_TOOLS if refusal != "no-terminal" or flag != "--yes"]
    above = tree(desk.parent)
    result = djscaffold("new", *arguments, *flags, cwd=desk)
    assert result.code in (1, 2), result
    assert tree(desk.parent) == above
    assert named in result.err, result
    assert result.out == "", result
    assert shows_a_way_out(result.err), result
    assert "panicked" not in result.err


def shows_a_way_out(message: str) -> bool:
    """Tell whether more than the fault is said: a hint, the usage, or the very place in a file."""
    ways = ("hint:", "tip:", "possible values", "it can be", "--help", "line 1", "No such file", "there are two")
    return any(way in message for way in ways)
