"""Development in containers: an edit shows, and what is made inside belongs to who develops."""

import os
import shutil
import time
from pathlib import Path

import pytest

from containers.conftest import MakeStack
from containers.stack import Stack
from containers.visitor import Visitor
from support.binary import WITHOUT_TOOLS, binary
from support.commands import run

STRANGER = 12345


@pytest.fixture(scope="module")
def stack(make_stack: MakeStack) -> Stack:
    stack = make_stack("--preset", "full", development=True)
    if os.getuid() == 0:
        belong_to_somebody_else(stack)
    for command in stack.documented("start the development site")[:1]:
        stack.shell(command).succeeded()
    return stack


def belong_to_somebody_else(stack: Stack) -> None:
    """Generate the project anew as another user: to root all files would look right."""
    folder = stack.project.parent
    shutil.rmtree(stack.project)
    os.chown(folder, STRANGER, STRANGER)
    for parent in folder.parents:
        if parent.owner() == "root" and parent.stat().st_mode & 0o5 == 0:
            parent.chmod(parent.stat().st_mode | 0o5)
    program = folder / "djscaffold"
    shutil.copy(binary(), program)
    user = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    command = [*user, program, "new", stack.name, *WITHOUT_TOOLS, "--preset", "full"]
    run(command, cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder)}).succeeded()


def shows(stack: Stack, text: str, path: str = "/", within: float = 30) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if text in stack.visitor().ask(path).text:
                return True
        except OSError:  # it is starting again
            pass
        time.sleep(0.5)
    return False


def test_edited_template_shows(stack: Stack) -> None:
    home = stack.project / "templates/home.html"
    assert shows(stack, "<h1")
    home.write_text(home.read_text().replace("</h1>", "</h1><p>edited</p>"))
    assert shows(stack, "<p>edited</p>")


def test_edited_code_runs(stack: Stack) -> None:
    settings = stack.project / "config/settings/base.py"
    text = settings.read_text()
    settings.write_text(text.replace("SITE_NAME = ", 'SITE_NAME = "Edited: " + '))
    assert shows(stack, "Edited: ")


def test_files_made_inside_belong_to_who_develops(stack: Stack) -> None:
    made = stack.docker_compose(
        "exec", "-T", "web", "python", "manage.py", "makemigrations", "blog", "--empty", "--name", "made_inside"
    ).succeeded()
    owner = (stack.project / "manage.py").stat()
    paths = [path for path in stack.project.rglob("*") if Path(stack.project / ".djscaffold") not in path.parents]
    assert any("made_inside" in path.name for path in paths), made
    strangers = [
        str(path) for path in paths if (path.stat().st_uid, path.stat().st_gid) != (owner.st_uid, owner.st_gid)
    ]
    assert not strangers, strangers


def test_a_teammate_with_another_user_id_makes_migrations(stack: Stack) -> None:
    """And without .env, which is each developer's own."""
    command = stack.documented("start the development site")[-1]
    owner = (stack.project / "manage.py").stat()
    other = owner.st_uid + 1
    folder = stack.project / "blog/migrations"
    if os.getuid() != 0:
        pytest.skip("only root can be somebody else")
    os.chown(folder, other, other)
    mine = (stack.project / ".env").rename(stack.project / ".mine")
    try:
        told = command.replace("$(id -u):$(id -g)", f"{other}:{other}").replace(" exec ", " exec -T ")
        stack.shell(f"{told} blog --empty --name by_a_teammate").succeeded()
        (made,) = folder.glob("*_by_a_teammate.py")
        assert made.stat().st_uid == other
        made.unlink()
    finally:
        mine.rename(stack.project / ".env")
        os.chown(folder, owner.st_uid, owner.st_gid)


def test_toolbar_shows_through_dockers_network(stack: Stack) -> None:
    assert 'id="djDebug"' in stack.visitor().ask("/").text


def test_mail_is_caught(stack: Stack) -> None:
    program = "from django.core.mail import send_mail; send_mail('Caught', '', None, ['ada@example.org'])"
    stack.docker_compose("exec", "-T", "web", "python", "manage.py", "shell", "--command", program).succeeded()
    caught = Visitor(f"http://localhost:{stack.ports['MAILPIT_PORT']}").ask("/api/v1/messages").json
    assert "Caught" in [message["Subject"] for message in caught["messages"]]


def test_recipes_of_the_justfile(stack: Stack) -> None:
    for command in ("just up", "timeout 5 just logs web || test $? = 124", "just down"):
        stack.shell(command).succeeded()
    assert not stack.docker_compose("ps", "--quiet").succeeded().out
    stack.shell("just up").succeeded()


def test_the_projects_own_tests_run_inside(stack: Stack) -> None:
    ran = stack.docker_compose("exec", "-T", "web", "pytest", "-q", "-x", "tests").succeeded()
    assert " passed" in ran.out


def test_it_is_on_postgresql_and_healthy(stack: Stack) -> None:
    program = "from django.db import connection; print(connection.vendor)"
    shown = stack.docker_compose("exec", "-T", "web", "python", "manage.py", "shell", "--command", program).succeeded()
    assert "postgresql" in shown.out
    assert {container["State"]["Health"]["Status"] for container in stack.containers()} == {"healthy"}
