"""Other tools that render a Django project: copier and cookiecutter, each in an environment of the bench's own.

copier renders cookiecutter-django's template too, translated by what is here: we found no Django template for copier in
a registry of packages.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from support import ROOT, TARGET
from support.commands import machine_environment, run

TEMPLATE = "https://github.com/cookiecutter/cookiecutter-django"
WANTED = {"cookiecutter": "cookiecutter>=2.7,<3", "copier": "copier>=9.19,<10"}
# A tag that cookiecutter adds to Jinja; copier has a filter for it.
NOW = re.compile(r"\{% now 'utc', ('[^']+') %\}")
PROJECT = "{{cookiecutter.project_slug}}"


def cloned(folder: Path) -> Path | None:
    """Return a clone of cookiecutter-django's template, None where it can't be had."""
    template = folder / "cookiecutter-django"
    source = os.environ.get("COOKIECUTTER_DJANGO", TEMPLATE)
    done = subprocess.run(["git", "clone", "--quiet", source, template], check=False)
    return template if done.returncode == 0 else None


def installed(name: str) -> Path:
    """Return the tool's command; its environment is made where it is missing."""
    folder = TARGET / "bench" / name
    uv = shutil.which("uv")
    assert uv, "no uv on PATH: start this by `tests/run bench`"

    def call(*command: str | Path) -> None:
        run([uv, *command], cwd=ROOT, env=machine_environment(), timeout=900).succeeded()

    if not (folder / "bin" / name).is_file():
        call("venv", "--quiet", "--no-project", "--clear", "--python", sys.executable, folder)
    call("pip", "install", "--quiet", "--python", folder / "bin/python", WANTED[name])
    return folder / "bin" / name


def version(command: Path) -> str:
    """Return the version of an installed tool."""
    code = f"import importlib.metadata as found; print(found.version({command.name!r}))"
    return run([command.parent / "python", "-c", code], cwd=ROOT, env=machine_environment()).succeeded().out.strip()


def for_copier(template: Path, folder: Path) -> Path:
    """Write the template as copier takes it: the same questions and files, without the hooks in Python."""
    asked = json.loads((template / "cookiecutter.json").read_text(encoding="utf-8"))
    assert not [name for name in asked if name.startswith("_")], "settings of cookiecutter, which copier can't have"
    prefix = re.compile(rf"\bcookiecutter\.(?=(?:{'|'.join(asked)})\b)")
    questions = {name: question(answers, prefix) for name, answers in asked.items()}
    # All files are templates, whatever they are called; JSON is YAML.
    settings = {"_subdirectory": "template", "_templates_suffix": ""}
    folder.mkdir()
    (folder / "copier.yml").write_text(json.dumps(settings | questions), encoding="utf-8")
    for source in sorted(path for path in (template / PROJECT).rglob("*") if path.is_file()):
        made = folder / "template" / prefix.sub("", source.relative_to(template).as_posix())
        made.parent.mkdir(parents=True, exist_ok=True)
        # Pictures are among them: any byte is a letter of Latin-1.
        text = prefix.sub("", source.read_bytes().decode("latin-1"))
        made.write_bytes(NOW.sub(r"{{ \1 | strftime }}", text).encode("latin-1"))
        shutil.copymode(source, made)
    return folder


def question(answers: str | list[str], prefix: re.Pattern[str]) -> dict[str, object]:
    """Return copier's form of a question: a list's first answer is its default."""
    if isinstance(answers, list):
        return {"type": "str", "choices": answers, "default": answers[0]}
    return {"type": "str", "default": prefix.sub("", answers)}
