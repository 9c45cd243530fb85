"""Releases while the site is used: no request fails, whatever becomes of the release."""

import time

import pytest

from containers.conftest import MakeStack
from containers.releases import change_sheet, in_use, served_sheet, write_migration
from containers.stack import Stack
from support.commands import Result, run


@pytest.fixture(scope="module")
def stack(make_stack: MakeStack) -> Stack:
    stack = make_stack("--preset", "full")
    stack.first_try()
    return stack


def release(stack: Stack, *arguments: str) -> Result:
    (command,) = stack.documented("### Update")
    return stack.shell(" ".join([command, *arguments]))


def tables(stack: Stack) -> str:
    command = ["exec", "-T", "postgres", "psql", "--command", r"\dt", stack.project.name]
    return stack.docker_compose(*command).succeeded().out


def web(stack: Stack) -> list[str]:
    return sorted(stack.docker_compose("ps", "--quiet", "web").succeeded().out.split())


def images(stack: Stack, *services: str) -> set[str]:
    """Return the images of all that runs for these."""
    running = stack.docker_compose("ps", "--quiet", *services).succeeded().out.split()
    command = ["docker", "inspect", "--format", "{{.Config.Image}}", *running]
    return set(run(command, cwd=stack.project, env=stack.environment).succeeded().out.split())


def test_second_release_is_served(stack: Stack) -> None:
    write_migration(stack, "second", "CREATE TABLE second_release (id integer)")
    change_sheet(stack, "second-release")
    stack.set("OF_THE_OWNER", "new")
    former = served_sheet(stack)
    nginx = stack.docker_compose("ps", "--quiet", "nginx").succeeded().out
    with in_use(stack):
        release(stack).succeeded()
    assert ".second-release" in served_sheet(stack) and ".second-release" not in former
    assert "second_release" in tables(stack)
    assert stack.docker_compose("ps", "--quiet", "nginx").succeeded().out == nginx
    assert len(web(stack)) == 2
    assert stack.docker_compose("exec", "-T", "web", "printenv", "OF_THE_OWNER").succeeded().out.strip() == "new"


def test_failing_migration_leaves_the_old_release_serving(stack: Stack) -> None:
    before = web(stack)
    broken = write_migration(stack, "third", "CREATE TABLE third_release (id integer); SELECT 1 / 0")
    with in_use(stack):
        failed = release(stack)
    broken.unlink()
    assert failed.code != 0 and "division by zero" in failed.output, failed
    assert web(stack) == before
    assert "third_release" not in tables(stack)


def test_a_release_that_does_not_start_leaves_the_old_one_serving(stack: Stack) -> None:
    before = web(stack)
    gunicorn = stack.project / "deploy/gunicorn.conf.py"
    whole = gunicorn.read_text()
    gunicorn.write_text(f"{whole}\nraise SystemExit(1)\n")
    with in_use(stack):
        failed = release(stack)
    gunicorn.write_text(whole)
    assert failed.code != 0 and "not healthy" in failed.output, failed
    assert web(stack) == before
    assert len(images(stack, "web", "worker", "beat")) == 1, "all are of the release that keeps running"


def test_former_release_comes_back_and_a_lost_container_is_not_missed(stack: Stack) -> None:
    with in_use(stack):
        release(stack, "local").succeeded()
        assert ".second-release" not in served_sheet(stack)
        run(["docker", "kill", web(stack)[0]], cwd=stack.project, env=stack.environment).succeeded()
        time.sleep(5)
        (left,) = web(stack)
        release(stack).succeeded()
        assert len(web(stack)) == 2 and left not in web(stack)
        assert ".second-release" in served_sheet(stack)
    (image,) = images(stack, "web", "worker", "beat")
    assert f"RELEASE={image.partition(':')[2]}" in (stack.project / ".env").read_text().splitlines()


def test_end_keeps_the_data(stack: Stack) -> None:
    stack.docker_compose("down").succeeded()
    stack.docker_compose("up", "--wait").succeeded()
    assert "second_release" in tables(stack)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "POSTGRES_PASSWORD"])
def test_missing_value_is_named(stack: Stack, name: str) -> None:
    path = stack.project / ".env"
    whole = path.read_text()
    path.write_text("".join(line for line in whole.splitlines(keepends=True) if not line.startswith(f"{name}=")))
    refused = stack.docker_compose("config", "--quiet")
    path.write_text(whole)
    assert refused.code != 0 and name in refused.output, refused


def test_a_server_gets_its_variables_from_one_command(stack: Stack) -> None:
    path = stack.project / ".env"
    whole = path.read_text()
    path.unlink()
    try:
        stack.shell("\n".join(stack.documented("### On a server"))).succeeded()
        assert path.stat().st_mode & 0o077 == 0
        stack.docker_compose("config", "--quiet").succeeded()
        secrets = stack.secrets()
        assert len(set(secrets.values())) == len(secrets) >= 3
    finally:
        path.write_text(whole)
