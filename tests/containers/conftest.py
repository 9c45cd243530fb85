"""Stacks of containers, made once and shared by the tests of a module."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from containers.images import need_images
from containers.nginx import fit_nginx
from containers.stack import DEVELOPMENT, PRODUCTION, Stack
from support import ROOT
from support.binary import new

MakeProject = Callable[..., Path]
MakeStack = Callable[..., Stack]


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return answers for the preset `full` with its own app and one for uploads."""
    preset = (ROOT / "templates/presets/minimal.toml").read_text(encoding="utf-8")
    library = (ROOT / "tests/containers/library.toml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("answers") / "answers.toml"
    path.write_text("\n".join(['preset = "full"', preset[preset.index("[apps.") :], library]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def make_project(tmp_path_factory: pytest.TempPathFactory) -> MakeProject:
    def make(*arguments: str) -> Path:
        # Images are named after the project.
        name = f"site{uuid.uuid4().hex[:8]}"
        return new(tmp_path_factory.mktemp("containers"), name, *arguments)

    return make


@pytest.fixture(scope="module")
def make_stack(make_project: MakeProject) -> Iterator[MakeStack]:
    made: list[Stack] = []

    def make(*arguments: str, development: bool = False, scheme: str = "http") -> Stack:
        project = make_project(*arguments)
        fit_nginx(project)
        need_images(project)
        stack = Stack(project, project.name, DEVELOPMENT if development else PRODUCTION, scheme)
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.end()
