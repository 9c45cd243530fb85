"""Projects that are changed after `new`: with the real tools, as their owners would."""

import re
from pathlib import Path

import pytest

from lab.checks import (
    Bench,
    check,
    djlint,
    mypy,
    passed,
    pytest_postgres,
    pytest_sqlite,
    ruff_check,
    ruff_format,
    sqlite,
    unchanged,
)
from lab.conftest import MakeBench
from lab.test_new import with_home
from support.binary import djscaffold, tree
from support.commands import Result

# Each component that can come to a preset or leave it, as (preset, component); CI sees the fixed ones.
COMPONENTS = (
    "api",
    "database",
    "health",
    "cache",
    "celery",
    "tasks",
    "logging",
    "middleware",
    "async",
    "sentry",
    "roles",
    "storage",
    "gunicorn",
    "nginx",
    "docker",
    "quality",
    "ci",
    "devtools",
    "backup",
    "docs",
    "email",
    "i18n",
    "swarm",
    "kubernetes",
)
BESIDE = ("cache", "tasks", "async", "logging", "middleware", "sentry", "roles", "storage")
PAIRS = [(preset, component) for preset in ("minimal", "standard", "full") for component in COMPONENTS]
PAIRS.remove(("full", "kubernetes"))  # which has Nginx
FIXED_PAIRS = [("minimal", "api"), ("full", "nginx"), ("standard", "celery"), ("full", "swarm")]
QUICK = [ruff_check, ruff_format, djlint, check, mypy, pytest_sqlite]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "pair" in metafunc.fixturenames:
        pairs = PAIRS if metafunc.config.getoption("--everything") else FIXED_PAIRS
        marked = [
            pytest.param(pair, id="-".join(pair), marks=pytest.mark.xdist_group("-".join(pair))) for pair in pairs
        ]
        metafunc.parametrize("pair", marked)


def change(bench: Bench, *arguments: str, code: int = 0) -> Result:
    env = bench.environment.variables(bench.home)
    result = djscaffold(*arguments, "--yes", "--no-sync", cwd=bench.project, env=env)
    assert result.code == code, result
    return result


def shared(project: Path) -> dict[str, bytes | None]:
    """Return the files of a project but what is of this machine, and what tools left in it."""
    own = re.compile(r"^\.env$|^\.djscaffold/(?!base$)|__pycache__|_cache|sqlite3|\.coverage")
    return {name: content for name, content in tree(project).items() if content is not None and not own.search(name)}


def dependents(component: str) -> list[str]:
    """Return the components that have to leave with one."""
    needs = {"cache": ["celery"], "database": ["docker"], "gunicorn": ["nginx", "docker"], "health": ["docker"]}
    return [component, *needs.get(component, [])]


def test_all_that_goes_beside_celery_comes_and_goes(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "standard", database="living_all")
    before, there = shared(bench.project), components_of(bench)
    change(bench, "add", ",".join(BESIDE))
    quick(bench)
    change(bench, "remove", ",".join(name for name in components_of(bench) if name not in there))
    assert shared(bench.project) == before


def test_a_component_comes_and_goes(make_bench: MakeBench, pair: tuple[str, str]) -> None:
    preset, component = pair
    bench = make_bench("--preset", preset, database=f"living_{preset}_{component}")
    before = shared(bench.project)
    if component in components_of(bench):
        going = [name for name in dependents(component) if name in components_of(bench)]
        change(bench, "remove", ",".join(going))
        quick(bench)
        change(bench, "add", ",".join(going))
    else:
        coming = set(components_of(bench))
        change(bench, "add", component)
        coming = set(components_of(bench)) - coming
        quick(bench)
        change(bench, "remove", ",".join(sorted(coming)))
    after = shared(bench.project)
    # What comes back has the defaults for the options that the preset chose.
    if preset == "minimal" or component not in components_of(bench):
        assert after == before
    check(bench)


def components_of(bench: Bench) -> list[str]:
    return re.findall(r"^\[components\.(\w+)\]", (bench.project / "djscaffold.toml").read_text(), flags=re.MULTILINE)


def quick(bench: Bench) -> None:
    """Run the tools that the project has, in the state that it is in."""
    if "quality" not in components_of(bench):
        check(bench)
        return
    for tool in QUICK:
        tool(bench)


SHOP = {
    "shop/__init__.py": "",
    "shop/apps.py": (
        "from django.apps import AppConfig\n\n\n"
        'class ShopConfig(AppConfig):\n    name = "shop"\n    verbose_name = "Our shop"\n'
    ),
    "shop/urls.py": (
        "from django.urls import path\n\nfrom shop.views import window\n\n"
        'app_name = "shop"\n\nurlpatterns = [path("", window, name="window")]\n'
    ),
    "shop/views.py": (
        "from django.http import HttpRequest, HttpResponse\n\n\n"
        'def window(request: HttpRequest) -> HttpResponse:\n    return HttpResponse("Come in")\n'
    ),
    "shop/tests/__init__.py": "",
    "shop/tests/test_window.py": (
        "from django.test import Client\nfrom django.urls import reverse\n\n\n"
        "def test_the_window_invites(client: Client) -> None:\n"
        '    assert client.get(reverse("shop:window")).content == b"Come in"\n'
    ),
}


def edit(project: Path, path: str, old: str, new: str) -> None:
    text = (project / path).read_text(encoding="utf-8")
    assert old in text, f"no `{old}` in {path}"
    (project / path).write_text(text.replace(old, new, 1), encoding="utf-8")


def all_is_well(bench: Bench) -> None:
    for tool in [ruff_check, ruff_format, djlint, check, mypy]:
        tool(bench)
    unchanged(bench, sqlite(bench, "unchanged"))
    passed(bench.run("pytest", "-q", timeout=600))


@pytest.mark.xdist_group("lived-in")
def test_a_project_that_was_lived_in(make_bench: MakeBench) -> None:
    """An app, a field and a layout of one's own; then components come, an option changes, and components go."""
    bench = make_bench("--preset", "minimal", database="lived_in")
    project = bench.project
    for path, text in SHOP.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    edit(project, "config/settings/base.py", '    "blog",\n', '    "blog",\n    "shop",\n')
    edit(project, "config/urls.py", '    path("blog/"', '    path("shop/", include("shop.urls")),\n    path("blog/"')
    edit(
        project,
        "pyproject.toml",
        "[tool.ruff.lint]\n",
        '[tool.ruff]\nline-length = 120\n\n[tool.ruff.format]\nquote-style = "single"\n\n[tool.ruff.lint]\n',
    )
    bench.run("ruff", "format", "--no-cache", ".").succeeded()
    assert "edited" not in change_free_status(
        bench, without=("config/settings/base.py", "config/urls.py", "pyproject.toml")
    )
    edit(
        project,
        "blog/models.py",
        "    content = ",
        "    subtitle = models.CharField(max_length=80, blank=True)\n    content = ",
    )
    bench.manage("makemigrations", "blog", "--name", "subtitle").succeeded()
    bench.run("ruff", "format", "--no-cache", "blog/migrations").succeeded()
    assert "conflict" not in change(bench, "sync").output
    assert "subtitle" in (project / "blog/forms.py").read_text()
    all_is_well(bench)

    assert "conflict" not in change(bench, "add", "api,database,health").output
    assert "subtitle" in (project / "blog/api.py").read_text()
    # The search's index comes after the owner's own migration.
    assert (project / "blog/migrations/0003_search.py").exists(), sorted((project / "blog/migrations").iterdir())
    all_is_well(bench)
    pytest_postgres(bench)

    assert "conflict" not in change(bench, "set", "app.views=fbv").output
    all_is_well(bench)
    assert "conflict" not in change(bench, "remove", "api,database,health").output
    assert not (project / "blog/api.py").exists()
    all_is_well(bench)
    assert (project / "shop/views.py").read_text().startswith("from django.http")
    djscaffold("check", cwd=project).succeeded()


def change_free_status(bench: Bench, *, without: tuple[str, ...]) -> str:
    """Return what `status` says, the lines of some files and the counts apart."""
    said = djscaffold("status", cwd=bench.project).succeeded().out
    lines = [line for line in said.splitlines() if line.startswith(" ") and not line.endswith(without)]
    return "\n".join(lines)


@pytest.mark.xdist_group("living-dependencies")
def test_changed_dependencies_are_locked_and_installed(tmp_path: Path) -> None:
    env = with_home(tmp_path / "home")
    djscaffold("new", "mysite", "--yes", "--no-git", cwd=tmp_path, env=env, timeout=300).succeeded()
    project = tmp_path / "mysite"
    lock = (project / "uv.lock").read_text()
    assert 'name = "django-filter"' not in lock
    told = djscaffold("add", "health", "--yes", cwd=project, env=env).succeeded()
    assert "packages" not in told.err, told
    assert (project / "uv.lock").read_text() == lock
    due = djscaffold("add", "api", "--yes", "--no-sync", cwd=project, env=env).succeeded()
    assert "Next:\n\n    uv sync\n" in due.err, due
    djscaffold("undo", "--yes", "--no-sync", cwd=project, env=env).succeeded()
    djscaffold("add", "api", "--yes", cwd=project, env=env, timeout=300).succeeded()
    assert 'name = "django-filter"' in (project / "uv.lock").read_text()
    assert list(project.glob(".venv/lib/python*/site-packages/django_filters")), "not installed"
    djscaffold("undo", "--yes", cwd=project, env=env, timeout=300).succeeded()
    assert not list(project.glob(".venv/lib/python*/site-packages/django_filters")), "still installed"


# Plain Django, and nothing that generated code could ask for: no order, no address, no `save` of one's own.
THING = '''

class Shade(models.Field):
    """A kind of field that djscaffold has never heard of."""

    def db_type(self, connection):
        return "varchar(20)"

    def formfield(self, **options):
        from django import forms

        return super().formfield(form_class=forms.CharField, **options)


class Thing(models.Model):
    name = models.CharField(max_length=40)
    shade = Shade(blank=True, default="")


class Part(models.Model):
    number = models.UUIDField(primary_key=True, default=uuid4)
    shade = models.CharField(max_length=40)


class Code(models.Model):
    word = models.CharField(primary_key=True, max_length=9)
    shade = models.CharField(max_length=40)
'''
VISIT = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from accounts.models import CustomUser
from blog.models import Code, Part, Thing
from django.test import Client
from django.urls import reverse
user = CustomUser.objects.create_superuser("grace", "grace@example.org", "x")
client = Client(headers={"host": "localhost"})
client.force_login(user)
pages = []
for model in (Thing, Part, Code):
    name = model._meta.model_name
    new = reverse(f"blog:{name}-create")
    made = client.post(new, {"name": "One", "word": "one", "shade": "red"})
    row = model.objects.get()
    assert row.shade == "red"
    assert made["Location"] == reverse(f"blog:{name}-detail", args=[row.pk]), made
    pages += [new, reverse(f"blog:{name}-list"), made["Location"], f"/admin/blog/{name}/"]
    pages += [reverse(f"blog:{name}-{page}", args=[row.pk]) for page in ("update", "delete")]
    pages += [f"/api/v1/blog/{name}s/", f"/api/v1/blog/{name}s/{row.pk}/"]
pages.append("/api/v1/schema/")
for page in pages:
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
print(len(pages), "pages")
"""


@pytest.mark.xdist_group("hand-written")
def test_hand_written_models_of_two_fields_work_at_once(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "standard", "--set", "api.auth=session", database="hand_written")
    models = bench.project / "blog/models.py"
    models.write_text("from uuid import uuid4\n\n" + models.read_text() + THING, encoding="utf-8")
    told = change(bench, "sync")
    assert "`Code`, `Part`, `Thing` are not declared" in told.output, told
    declaration = bench.project / "djscaffold.toml"
    declared = "".join(f"\n[apps.blog.models.{name}]\n" for name in ("Thing", "Part", "Code"))
    declaration.write_text(declaration.read_text() + declared, encoding="utf-8")
    change(bench, "sync")
    bench.manage("makemigrations", "blog", "--name", "thing").succeeded()
    variables = {"DJANGO_SETTINGS_MODULE": "config.settings.local", "DATABASE_URL": "sqlite://:memory:"}
    assert "25 pages" in bench.run("python", "-c", VISIT, **variables).succeeded().out
    passed(bench.run("pytest", "-q", "blog", timeout=600))
