"""How many models of real Django projects are served: `python tests/bench/real_models.py [--only NAME]...`.

`real_models.toml` lists the projects; they come from the package index or from GitHub (or, as `owner/name`, from where
`REAL_MODELS_REPOSITORIES` says). Of each, the models of some apps, and the modules that these import, are copied into
a new project, where Django's own commands must accept them. Then every model is declared, `djscaffold sync` runs, and
all pages and lists for them are opened and all forms sent. Needs uv, git, and a djscaffold (see `support/binary.py`).
Everything that was run, and what it said, is in `target/bench/projects/NAME/log`, the answers in `answer.json`.
"""

import argparse
import ast
import hashlib
import json
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import INSIDE, TARGET
from support.binary import binary, new, requirements
from support.commands import Result, clean_environment, machine_environment, run
from support.environments import only_one_at_a_time
from support.pythons import python_for

TABLE = Path(__file__).with_suffix(".toml")
BENCH = TARGET / "bench"
# A new project has an example app; this one's names are nobody's else.
ANSWERS = """\
preset = "standard"

[project]
name = "mysite"
django = "5.2"

[apps.example.models.Sample.fields]
name = { kind = "char", max_length = 80 }
"""
# Of the names of classes that are generated for a model.
ENDINGS = ("", "Form", "Serializer", "ViewSet", "Admin", "CreateView")
ACCEPTED = {0, 3}  # 3: done, with conflicts in some files


@dataclass(frozen=True)
class Project:
    """An entry of the table."""

    name: str
    # The entries of `INSTALLED_APPS` whose models are measured, and what their code needs beside them.
    apps: list[str]
    # `name==version` in the package index, or else `owner/name` on GitHub at a commit.
    package: str = ""
    repository: str = ""
    commit: str = ""
    # The directory that Python finds the project's packages in.
    root: str = "."
    # Packages to install.
    install: list[str] = field(default_factory=list)
    # Entries of `INSTALLED_APPS` that are other packages' apps.
    others: list[str] = field(default_factory=list)
    # Modules that the models load without an import statement.
    modules: list[str] = field(default_factory=list)
    # Files that are no modules, as patterns.
    files: list[str] = field(default_factory=list)
    # Lines for `config/settings/local.py`.
    settings: str = ""
    # What in the code must be replaced, and by what: `auth.User`, which is not the user of a new project.
    replace: dict[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        return self.package.partition("==")[2] or self.commit[:10]


@dataclass
class Figures:
    """What was found; of what Django reports, how much is served."""

    models: int = 0
    served: int = 0
    fields: int = 0
    rendered: int = 0
    pages: int = 0  # create pages that answered as they should
    created: int = 0  # whose form made a row
    lists: int = 0  # lists in the API that answered as they should
    posted: int = 0  # that made a row
    failed: int = 0  # answers with a status of 500
    own: int = 0  # of these, raised in the project's own code
    problems: list[str] = field(default_factory=list)


# --- Sources ----------------------------------------------------------------------------------------------------------


def cached(folder: Path, key: str) -> bool:
    """Whether `folder` was made for `key`; if not, it is emptied, and its maker calls `keep`."""
    stamp = folder / ".made-for"
    if stamp.is_file() and stamp.read_text() == key:
        return True
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return False


def keep(folder: Path, key: str) -> None:
    (folder / ".made-for").write_text(key)


def uv(*arguments: str | Path) -> None:
    program = shutil.which("uv") or TARGET / "tests/venv/bin/uv"
    run([program, *arguments], cwd=BENCH, env=machine_environment(), timeout=550).succeeded()


def environment(project: Project, site: Path) -> Path:
    """Return a virtual environment with what the new project and this one's models need."""
    folder = BENCH / "environments" / project.name
    python = python_for("6.1")  # newer than what Django needs, as some of the projects ask for it
    wanted = [*requirements(site), *project.install]
    key = hashlib.sha256("\n".join([str(python), *wanted]).encode()).hexdigest()
    if not cached(folder, key):
        uv("venv", "--quiet", "--clear", "--no-project", "--python", python, folder)
        uv("pip", "install", "--quiet", "--python", folder / "bin/python", *wanted)
        keep(folder, key)
    return folder


def source(project: Project, interpreter: Path) -> Path:
    """Return the directory of the project's unpacked code."""
    folder = BENCH / "sources" / project.name
    key = project.package or " ".join([project.commit, *project.files])
    if not cached(folder, key):
        if project.package:
            uv(
                *("pip", "install", "--quiet", "--no-deps", "--python", interpreter, "--target", folder),
                project.package,
            )
        else:
            check_out(project, folder)
        keep(folder, key)
    return folder / project.root


def check_out(project: Project, folder: Path) -> None:
    places = os.environ.get("REAL_MODELS_REPOSITORIES", "https://github.com")
    env = machine_environment()
    for arguments in (
        ("init", "--quiet"),
        ("remote", "add", "origin", f"{places}/{project.repository}"),
        ("fetch", "--quiet", "--depth", "1", "--filter", "blob:none", "origin", project.commit),
        ("sparse-checkout", "set", "--no-cone", "*.py", *project.files),
        ("checkout", "--quiet", project.commit),
    ):
        run(["git", *arguments], cwd=folder, env=env, timeout=550).succeeded()
    shutil.rmtree(folder / ".git")


# --- Putting the models into a new project ----------------------------------------------------------------------------


class Modules:
    """The modules below a directory, and what each imports from there when it is itself imported."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, module: str) -> Path | None:
        path = self.root.joinpath(*module.split("."))
        for candidate in (path / "__init__.py", path.with_name(f"{path.name}.py")):
            if candidate.is_file():
                return candidate
        return None

    def closure(self, modules: list[str]) -> set[Path]:
        """Return the files of `modules`, of the packages that they are in, and of all that these import."""
        found: set[Path] = set()
        waiting = list(modules)
        while waiting:
            module = waiting.pop()
            if parent := module.rpartition(".")[0]:
                waiting.append(parent)
            file = self.file(module)
            if file and file not in found:
                found.add(file)
                package = module if file.name == "__init__.py" else parent
                waiting += self.imported(ast.parse(file.read_bytes()), package)
        return found

    def imported(self, tree: ast.AST, package: str) -> Iterator[str]:
        for node in ast.iter_child_nodes(tree):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                    continue
                case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                    for other in node.orelse:
                        yield from self.imported(ast.Module([other], []), package)
                case ast.Import(names=names):
                    yield from (name.name for name in names)
                case ast.ImportFrom(module=module, names=names, level=level):
                    above = package.split(".")[: len(package.split(".")) - level + 1] if level else []
                    base = ".".join([*above, *([module] if module else [])])
                    yield base
                    yield from (f"{base}.{name.name}" for name in names)
                case _:
                    yield from self.imported(node, package)


def copy_models(project: Project, root: Path, site: Path) -> None:
    modules = Modules(root)
    wanted = list(project.modules)
    for package in project.apps:
        # It may lack an `__init__.py`.
        assert root.joinpath(*package.split(".")).is_dir(), f"{project.name} has no package {package}"
        wanted += [package, f"{package}.models"]
        models = root.joinpath(*package.split("."), "models")
        wanted += [f"{package}.models.{path.stem}" for path in models.glob("*.py") if path.stem != "__init__"]
    files = modules.closure(wanted)
    for pattern in project.files:
        files |= {path for path in root.glob(pattern) if path.is_file()}
    for file in sorted(files):
        target = site / file.relative_to(root)
        assert not target.exists(), f"{target.relative_to(site)} stands in a new project already"
        target.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8")
        for old, replacement in project.replace.items():
            text = text.replace(old, replacement)
        target.write_text(text, encoding="utf-8")


def install(project: Project, site: Path) -> None:
    settings = site / "config/settings/local.py"
    entries = [*project.others, *project.apps]
    added = f"\nINSTALLED_APPS += [app for app in {entries} if app not in INSTALLED_APPS]\n"
    settings.write_text(settings.read_text() + added + project.settings)


# --- Declaring them ---------------------------------------------------------------------------------------------------


@dataclass
class Site:
    """A project with an active environment, and what was said there."""

    folder: Path
    environment: Path
    log: Path

    def do(self, *command: str | Path) -> Result:
        env = clean_environment(BENCH / "home", self.environment / "bin", VIRTUAL_ENV=str(self.environment))
        result = run(command, cwd=self.folder, env=env, timeout=550)
        with self.log.open("a") as log:
            log.write(f"{result}\n\n")
        return result

    def manage(self, *arguments: str) -> Result:
        return self.do(self.environment / "bin/python", "manage.py", *arguments)

    def inside(self, *arguments: str) -> Any:
        """Run `inside/real_models.py` and return what it says."""
        answer = self.folder.parent / "answer.json"
        program = INSIDE / "real_models.py"
        self.do(self.environment / "bin/python", program, self.folder, answer, *arguments).succeeded()
        return json.loads(answer.read_text())


class Declaration:
    """The project's `djscaffold.toml` with the models that are declared so far."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.file = site.folder / "djscaffold.toml"
        self.without = self.file.read_text()

    def sync(self, models: list[str], *arguments: str) -> Result:
        tables = [f"\n[apps.{label}.models.{name}]\n" for label, _, name in (model.partition(".") for model in models)]
        self.file.write_text(self.without + "".join(tables))
        return self.site.do(binary(), "sync", "--yes", "--no-sync", *arguments)

    def accepts(self, models: list[str]) -> bool:
        return self.sync(models, "--dry-run").code in ACCEPTED

    def accepted(self, models: list[str]) -> list[str]:
        """Return those that can be declared together: all, or else whole apps, or else one after the other."""
        if self.accepts(models):
            return models
        taken: list[str] = []
        labels = dict.fromkeys(model.partition(".")[0] for model in models)
        groups = [[model for model in models if model.partition(".")[0] == label] for label in labels]
        left = [group for group in groups if not self.take(taken, group)]
        left = [[model] for group in left if len(group) > 1 for model in group]
        # A model may be refused only for want of another.
        while True:
            refused = [group for group in left if not self.take(taken, group)]
            if len(refused) == len(left):
                return [model for model in models if model in taken]
            left = refused

    def take(self, taken: list[str], group: list[str]) -> bool:
        accepted = self.accepts(taken + group)
        if accepted:
            taken += group
        return accepted


def measure(project: Project) -> Figures:
    workplace = BENCH / "projects" / project.name
    if workplace.exists():
        shutil.rmtree(workplace)
    workplace.mkdir(parents=True)
    (BENCH / "home").mkdir(exist_ok=True)
    answers = workplace / "answers.toml"
    answers.write_text(ANSWERS)
    folder = new(workplace, "mysite", "--answers", str(answers), "--quiet")
    env = environment(project, folder)
    site = Site(folder, env, workplace / "log")

    copy_models(project, source(project, env / "bin/python"), folder)
    install(project, folder)
    # Before djscaffold knows of them, Django accepts them.
    labels = site.inside("labels", *project.apps)
    for arguments in (("check",), ("makemigrations", *labels), ("migrate", "--verbosity", "0")):
        site.manage(*arguments).succeeded()
    reported = site.inside("models", *project.apps)
    models = {f"{model['app']}.{model['name']}": model["fields"] for model in reported}
    figures = Figures(models=len(models), fields=sum(map(len, models.values())))

    served = serve(site, list(models), figures)
    figures.served = len(served)
    if not served:
        return figures
    for arguments in (("makemigrations",), ("migrate", "--verbosity", "0")):
        done = site.manage(*arguments)
        if done.code:
            figures.problems.append(f"{arguments[0]}: {done.err.strip().splitlines()[-1]}")
            return figures
    count(figures, models, site.inside("ask", *served))
    return figures


def named_in(lines: list[str], models: list[str]) -> list[str]:
    """Return the models that a message, or a traceback through what is generated for them, names."""
    words = set(re.findall(r"\w+", "\n".join(lines)))
    return [model for model in models if {model.partition(".")[2] + end for end in ENDINGS} & words]


def serve(site: Site, models: list[str], figures: Figures) -> list[str]:
    """Declare the models, and return those that are served. Ones that break the whole project are given up."""
    before = site.folder.with_name("before")
    shutil.copytree(site.folder, before)
    served = Declaration(site).accepted(models)
    while served:
        shutil.rmtree(site.folder)
        shutil.copytree(before, site.folder)
        done = Declaration(site).sync(served)
        if done.code not in ACCEPTED:
            figures.problems.append(f"sync: {done.err.strip().splitlines()[0]}")
            return []
        # Some fields ask for further packages.
        uv("pip", "install", "--quiet", "--python", site.environment / "bin/python", *requirements(site.folder))
        done = site.manage("check")
        if done.code == 0:
            return served
        figures.problems.append(f"check: {' '.join(done.err.split())[-300:]}")
        broken = named_in(done.err.strip().splitlines()[-1:], served) or named_in(done.err.splitlines(), served)
        if not broken:
            return []
        served = [model for model in served if model not in broken]
    return []


def count(figures: Figures, models: dict[str, list[str]], answers: dict[str, Any]) -> None:
    for model, answer in answers["models"].items():
        figures.rendered += len({*models[model]} & {*answer["fields"]})
        figures.pages += answer["page"] == 200 and answer["sent"] in (200, 302)
        figures.created += answer["sent"] == 302
        figures.lists += answer["list"] == 200 and answer["posted"] in (201, 400)
        figures.posted += answer["posted"] == 201
    figures.failed = len(answers["failures"])
    figures.own = sum(failure["own"] for failure in answers["failures"])


# --- The table --------------------------------------------------------------------------------------------------------

COLUMNS = {
    "models": "models",
    "served": "served",
    "fields": "fields",
    "rendered": "rendered",
    "pages": "create pages",
    "created": "rows",
    "lists": "API",
    "posted": "rows",
    "failed": "500s",
    "own": "own",
}


def line(name: str, version: str, values: list[Any]) -> str:
    widths = [max(len(title), 6) for title in COLUMNS.values()]
    cells = [f"{value!s:>{width}}" for value, width in zip(values, widths, strict=True)]
    return f"{name:<18} {version:<11}" + "  ".join(cells)


def report(results: list[tuple[Project, Figures]]) -> None:
    total = Figures()
    print(line("project", "version", list(COLUMNS.values())))
    for project, figures in results:
        values = asdict(figures)
        print(line(project.name, project.version, [values[column] for column in COLUMNS]))
        for column in COLUMNS:
            setattr(total, column, getattr(total, column) + values[column])
    values = asdict(total)
    print(line("total", "", [values[column] for column in COLUMNS]))
    of = {"served": "models", "rendered": "fields", "pages": "models", "created": "models", "lists": "models"}
    of["posted"] = "models"
    shares = [
        f"{100 * values[column] / max(values[of[column]], 1):.1f} %" if column in of else "" for column in COLUMNS
    ]
    print(line("", "", shares))
    for project, figures in results:
        for problem in figures.problems:
            print(f"{project.name}: {problem}")


def main() -> None:
    if sys.version_info < (3, 12):  # whose syntax some of the projects have
        os.execv(python_for("6.1"), [python_for("6.1"), *sys.argv])
    projects = [Project(name, **entry) for name, entry in tomllib.loads(TABLE.read_text()).items()]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [project.name for project in projects]
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=", ".join(names))
    only = parser.parse_args().only
    results = []
    for project in projects:
        if not only or project.name in only:
            print(f"… {project.name}", file=sys.stderr, flush=True)
            try:
                with only_one_at_a_time(f"real-models-{project.name}"):
                    results.append((project, measure(project)))
            except AssertionError as error:
                results.append((project, Figures(problems=[str(error)[-2000:]])))
    report(results)


if __name__ == "__main__":
    main()
