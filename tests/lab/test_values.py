"""Free text of any shape still gives valid files, and reaches the site as it was typed."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.checks import CHECKS, Bench
from lab.conftest import MakeBench

TITLE = 'Bob "The" Shop\'s {{ x }} $HOME \\n #1 `id` %(x)s {% now %} <b>&amp;'
DESCRIPTION = 'It\'s "quoted"\n\nand """tripled""" \'\'\'twice\'\'\' over\\\nlines; \u00fcber \u2192 \U0001f40d\ttab\\'
AUTHOR = "Zoë O'Neil"

pytestmark = pytest.mark.xdist_group("nasty-values")


@pytest.fixture(scope="module")
def nasty(make_bench: MakeBench, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    answers = tmp_path_factory.mktemp("answers") / "nasty.toml"
    # A JSON string without escapes of surrogates is a TOML string too.
    text = {"title": TITLE, "description": DESCRIPTION, "author": AUTHOR, "email": "zoe.o'neil@example.org"}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in text.items()]
    answers.write_text("\n".join(["[project]", *lines, ""]), encoding="utf-8")
    return make_bench("--preset", "standard", "--answers", str(answers), database="nasty")


# Text is text to every database.
@pytest.mark.parametrize(
    "check", [check for check in CHECKS if "postgres" not in check.__name__], ids=lambda check: check.__name__
)
def test_check(nasty: Bench, check: Callable[[Bench], None]) -> None:
    check(nasty)


def test_title_arrives_whole(nasty: Bench) -> None:
    program = "import json; from django.conf import settings; print(json.dumps(settings.SITE_NAME))"
    said = nasty.run("python", "-c", program, DJANGO_SETTINGS_MODULE="config.settings.local").succeeded()
    assert json.loads(said.out) == TITLE


def test_title_on_the_command_line_is_the_same(nasty: Bench, make_bench: MakeBench) -> None:
    def settings(bench: Bench) -> str:
        text = (bench.project / "config/settings/base.py").read_text(encoding="utf-8")
        return next(line for line in text.splitlines() if line.startswith("SITE_NAME"))

    assert settings(make_bench("--preset", "standard", "--title", TITLE)) == settings(nasty)


def test_home_page_escapes_the_title(nasty: Bench) -> None:
    program = (
        "import django; django.setup(); from django.core.management import call_command;"
        "call_command('migrate', verbosity=0); from django.test import Client;"
        "print(Client(headers={'host': 'localhost'}).get('/').content.decode())"
    )
    variables = {"DJANGO_SETTINGS_MODULE": "config.settings.local", "DATABASE_URL": "sqlite://:memory:"}
    page = nasty.run("python", "-c", program, **variables).succeeded().out
    assert "Bob &quot;The&quot; Shop&#x27;s {{ x }} $HOME \\n #1" in page
    assert "<b>" not in page


def test_package_description_and_author_arrive_whole(nasty: Bench) -> None:
    declared = tomllib.loads((nasty.project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert AUTHOR in [author.get("name") for author in declared.get("authors", [{"name": AUTHOR}])]
    # A summary is one line by the packaging standard, so its newlines may have become spaces.
    assert declared["description"].split() == DESCRIPTION.split()


def test_environment_file_is_read_as_written(nasty: Bench) -> None:
    for name in (".env", ".env.example"):
        for line in (nasty.project / name).read_text(encoding="utf-8").splitlines():
            assert not line or line.startswith("#") or line.split("=")[0].isupper(), f"{name}: {line}"


def test_readme_is_one_document(nasty: Bench) -> None:
    first = Path(nasty.project / "README.md").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# Bob ")
    assert "<b>" not in first
