"""Translations: gettext finds no text of ours without one, and pages are in the language that was asked for."""

import re
from pathlib import Path

import pytest

from lab.checks import Bench
from lab.conftest import MakeBench

EVERY = ("--answers", str(Path(__file__).parent / "models/every-kind.toml"))
CHOICES = {
    "full": ("--preset", "full", "--with", "i18n,roles", "--set", "accounts.mfa=optional"),
    "closed": ("--preset", "minimal", "--with", "i18n", "--set", "accounts.signup=closed,accounts.login=email"),
    "tasks": ("--preset", "standard", "--with", "i18n,tasks,storage,async", "--set", "accounts.social=github"),
    "every-kind": ("--preset", "standard", "--with", "i18n", *EVERY),
}
PAGES = {"de": "Anmelden", "es": "Iniciar sesión", "fr": "Se connecter", "pt-br": "Entrar"}
LOOK = """
from django.test import Client
for code in {codes!r}:
    client = Client(headers={{"Accept-Language": code}})
    for path in ("/", "/blog/posts/", "/accounts/login/", "/language/"):
        response = client.get(path, headers={{"host": "localhost"}})
        print(code, response.status_code, {pages!r}[code] in response.content.decode())
"""


@pytest.fixture(scope="module", params=CHOICES)
def bench(request: pytest.FixtureRequest, make_bench: MakeBench) -> Bench:
    flags = [flag.replace(",accounts.", "\n--set\naccounts.") for flag in CHOICES[request.param]]
    return make_bench(*"\n".join(flags).split("\n"))


def entries(path: Path) -> dict[str, str]:
    """Return the translations of a file by their texts; a doubtful one counts as none."""
    found = {}
    for entry in path.read_text(encoding="utf-8").split("\n\n"):
        original, _, translated = entry.partition("msgstr")
        joined = ["".join(re.findall(r'^(?!#).*"(.*)"$', part, re.MULTILINE)) for part in (original, translated)]
        if joined[0] and "#~" not in entry:
            found[joined[0]] = "" if "fuzzy" in original else joined[1]
    return found


def names(bench: Bench) -> str:
    """Return what the owner wrote: declared models, and texts in their classes."""
    paths = [bench.project / "djscaffold.toml", *bench.project.glob("*/models.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths).lower().replace("_", " ")


def test_no_text_of_ours_lacks_a_translation(bench: Bench) -> None:
    files = sorted(bench.project.glob("locale/*/LC_MESSAGES/django.po"))
    assert [path.parts[-3] for path in files] == ["de", "es", "fr", "pt_BR"]
    before = [entries(path) for path in files]
    bench.manage("makemessages", "--all", "--no-location", "--no-wrap").succeeded()
    bench.manage("compilemessages").succeeded()
    theirs = names(bench)
    for path, known in zip(files, before, strict=True):
        after = entries(path)
        missing = [text for text, translated in after.items() if not translated and text not in known]
        ours = [text for text in missing if text.lower() not in theirs]
        assert not ours, f"{path.parts[-3]}: {ours}"
        assert not [text for text, translated in after.items() if not translated and known.get(text)]
        idle = set(known) - set(after)
        assert not idle, f"{path.parts[-3]}: nothing says {sorted(idle)}"


def test_pages_are_in_the_language_that_was_asked_for(bench: Bench) -> None:
    if not (bench.project / "blog").exists():
        pytest.skip("other apps, the same templates")
    bench.manage("migrate").succeeded()
    bench.manage("compilemessages").succeeded()
    look = LOOK.format(codes=list(PAGES), pages=PAGES)
    told = bench.manage("shell", "--no-imports", "-c", look).succeeded().out.splitlines()
    assert len(told) == 4 * len(PAGES)
    assert all(line.endswith("200 True") for line in told), told


def test_its_own_tests_pass(bench: Bench) -> None:
    bench.run("pytest", "-q", "tests").succeeded()
