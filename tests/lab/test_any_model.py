"""Whatever Django accepts as a model gets pages and an API that work, with tests that pass."""

import re

import pytest

from lab.any_models import ALONE, APPS, files
from lab.cases import MODELS
from lab.checks import Bench, check, migrate_sqlite, mypy, passed, pytest_postgres, sqlite, unchanged
from lab.conftest import MakeBench
from support.binary import djscaffold
from support.commands import Result

TOGETHER = [label for label in APPS if label not in ALONE]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "label" in metafunc.fixturenames:
        labels = list(APPS) if metafunc.config.getoption("--everything") else []
        metafunc.parametrize("label", labels)


def sync(bench: Bench, code: int = 0) -> Result:
    env = bench.environment.variables(bench.home)
    result = djscaffold("sync", "--yes", "--no-sync", cwd=bench.project, env=env)
    assert result.code == code, result
    return result


def served(bench: Bench, labels: list[str]) -> None:
    """Write the apps, install and declare them, and do what is due."""
    for label in labels:
        for path, text in files(label).items():
            (bench.project / path).parent.mkdir(parents=True, exist_ok=True)
            (bench.project / path).write_text(text, encoding="utf-8")
    settings = bench.project / "config/settings/base.py"
    installed = "".join(f'    "{label}",\n' for label in labels)
    settings.write_text(settings.read_text().replace('    "blog",\n', f'    "blog",\n{installed}', 1))
    told = re.findall(r"(`\w+`.*) (?:is|are) not declared.*add model (\w+)\.", sync(bench).err)
    declared = [f"[apps.{app}.models.{name}]" for names, app in told for name in re.findall(r"`(\w+)`", names)]
    declaration = bench.project / "djscaffold.toml"
    declaration.write_text(declaration.read_text() + "".join(f"\n{table}\n" for table in declared))
    assert "conflict" not in sync(bench).output
    folders = [label.replace(".", "/") for label in labels]
    bench.run("ruff", "format", "--no-cache", "-q", *folders).succeeded()
    bench.manage("makemigrations", "-v0").succeeded()
    bench.run("ruff", "format", "--no-cache", "-q", *folders).succeeded()


def all_is_well(bench: Bench, labels: list[str]) -> None:
    said = bench.run("ruff", "check", "--no-cache", ".", "--exclude", "*/models.py,models,fields.py").succeeded()
    assert "All checks passed" in said.out
    bench.run("ruff", "format", "--no-cache", "--check", ".").succeeded()
    unchanged(bench, sqlite(bench, "unchanged"))
    migrate_sqlite(bench)
    for tool in (check, mypy):
        tool(bench)
    passed(bench.run("pytest", "-q", *[label.replace(".", "/") for label in labels], timeout=900))
    sync(bench)  # where there is a first migration, one for the search can follow
    unchanged(bench, sqlite(bench, "unchanged"))
    assert "already up to date" in sync(bench).err


@pytest.mark.xdist_group("any-model")
def test_all_kinds_of_models_together(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "standard", "--set", "app.views=both", database="any_model")
    served(bench, TOGETHER)
    all_is_well(bench, TOGETHER)


@pytest.mark.xdist_group("any-model-6.1")
def test_models_of_django_6_1(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "minimal", "--set", "app.views=fbv", line="6.1", database="any_model_61")
    labels = ["generated", "child", "through", "validated", "names"]
    served(bench, labels)
    all_is_well(bench, labels)


@pytest.mark.xdist_group("any-model-postgres")
def test_arrays(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "standard", database="any_model_array")
    served(bench, ["arrays"])
    mypy(bench)
    pytest_postgres(bench)


def test_one_kind_of_model_alone(make_bench: MakeBench, label: str) -> None:
    labels = ["cycle_one", "cycle_two"] if label.startswith("cycle") else [label]
    bench = make_bench("--preset", "standard", database=f"any_{label.replace('.', '_')}")
    served(bench, labels)
    if label in ALONE:
        pytest_postgres(bench)
    else:
        all_is_well(bench, labels)


@pytest.mark.xdist_group("any-model-snapshot")
@pytest.mark.parametrize("line", ["5.2", "6.1"])
@pytest.mark.parametrize("models", ["own", "every-kind", "twenty"])
def test_new_knows_what_django_would_say(make_bench: MakeBench, line: str, models: str) -> None:
    given = [] if models == "own" else ["--answers", f"{MODELS}/{models}.toml"]
    bench = make_bench("--preset", "standard", *given, line=line, database="unused")
    kept = bench.project / ".djscaffold/models.json"
    known = kept.read_text()
    kept.unlink()
    assert "already up to date" in sync(bench).err
    assert kept.read_text() == known


@pytest.mark.xdist_group("any-model-edits")
def test_renamed_and_removed_models_and_fields(make_bench: MakeBench) -> None:
    """Neither `admin.py` nor any other module may have to import for Django to be asked."""
    bench = make_bench("--preset", "standard", database="unused")
    models = bench.project / "blog/models.py"
    text = models.read_text().replace("content = ", "body = ")
    text = text.replace("class Tag(", "class Label(").replace("Tag,", "Label,")
    models.write_text(text, encoding="utf-8")
    refused = sync(bench, code=1).err
    assert "Django has no model `blog.Tag`" in refused
    assert "undeclared models there: `Label`" in refused
    declaration = bench.project / "djscaffold.toml"
    declaration.write_text(declaration.read_text().replace("blog.models.Tag", "blog.models.Label"))
    sync(bench)
    bench.run("python", "manage.py", "check").succeeded()
    assert '"body"' in (bench.project / "blog/forms.py").read_text()
    assert "LabelAdmin" in (bench.project / "blog/admin.py").read_text()
    models.write_text(text + "\nraise RuntimeError('not now')\n", encoding="utf-8")
    refused = sync(bench, code=1).err
    assert "RuntimeError: not now" in refused
