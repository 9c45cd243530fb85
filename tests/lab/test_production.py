"""Production settings start with everything set, or say in one message all that is missing."""

import re

import pytest

from lab.checks import Bench, production, variables_in
from lab.conftest import MakeBench
from support.commands import Result

pytestmark = pytest.mark.xdist_group("production")


@pytest.fixture(scope="module")
def server(make_bench: MakeBench) -> Bench:
    """A checkout on a server: it has no `.env`."""
    bench = make_bench("--preset", "standard")
    (bench.project / ".env").unlink()
    return bench


def start(server: Bench, environment: dict[str, str]) -> Result:
    module = {"DJANGO_SETTINGS_MODULE": "config.settings.production"}
    return server.run("python", "-c", "import config.wsgi", **{**environment, **module})


def named(server: Bench, refusal: Result) -> set[str]:
    message = refusal.err.strip().rpartition("ImproperlyConfigured")[2]
    assert refusal.code != 0 and message, refusal
    return {name for name in variables_in(server.project) if re.search(rf"\b{name}\b", message)}


def test_nothing_set_names_all_that_is_missing_at_once(server: Bench) -> None:
    required = named(server, start(server, {}))
    assert {"SECRET_KEY", "ALLOWED_HOSTS"} <= required
    everything = production(server.project)
    start(server, {name: everything[name] for name in required}).succeeded()


def test_each_missing_variable_is_named_alone(server: Bench) -> None:
    required = named(server, start(server, {}))
    everything = production(server.project)
    for missing in sorted(required):
        some = {name: everything[name] for name in required if name != missing}
        assert named(server, start(server, some)) == {missing}


def test_placeholder_secret_is_refused(server: Bench) -> None:
    example = (server.project / ".env.example").read_text(encoding="utf-8")
    found = re.search(r"^#?\s?SECRET_KEY=['\"]?([^'\"\n]*)", example, flags=re.MULTILINE)
    assert found and found[1], example
    for placeholder in (found[1], "", "   "):
        refusal = start(server, {**production(server.project), "SECRET_KEY": placeholder})
        assert "SECRET_KEY" in named(server, refusal)


def test_secret_of_local_development_is_refused(server: Bench) -> None:
    program = "from django.conf import settings; print(settings.SECRET_KEY)"
    local = server.run("python", "-c", program, DJANGO_SETTINGS_MODULE="config.settings.local").succeeded().out.strip()
    assert "SECRET_KEY" in named(server, start(server, {**production(server.project), "SECRET_KEY": local}))
