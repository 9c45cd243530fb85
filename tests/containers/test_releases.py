"""The second release is served, one whose migration fails is not, and the first can come back."""

import re
from pathlib import Path

import pytest

from containers.conftest import MakeStack
from containers.stack import Stack

MIGRATION = """from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("blog", "{before}")]
    operations = [migrations.RunSQL("{sql}")]
"""


@pytest.fixture(scope="module")
def stack(make_stack: MakeStack) -> Stack:
    stack = make_stack("--preset", "full")
    stack.first_try()
    return stack


def migrations(stack: Stack) -> list[Path]:
    return sorted((stack.project / "blog/migrations").glob("0*.py"))


def write_migration(stack: Stack, name: str, sql: str) -> Path:
    last = migrations(stack)[-1].stem
    path = stack.project / f"blog/migrations/{int(last[:4]) + 1:04}_{name}.py"
    path.write_text(MIGRATION.format(before=last, sql=sql))
    return path


def change_sheet(stack: Stack, mark: str) -> None:
    with (stack.project / "static/css/site.css").open("a") as sheet:
        sheet.write(f"\n.{mark} {{ color: inherit; }}\n")


def served_sheet(stack: Stack) -> str:
    visitor = stack.visitor()
    sheet = re.search(r"/static/css/site\.[0-9a-f]{12}\.css", visitor.ask("/").text)
    assert sheet
    answer = visitor.ask(sheet[0])
    assert answer.status == 200
    return answer.text


def tables(stack: Stack) -> str:
    user = ["--username", stack.project.name, stack.project.name]
    return stack.docker_compose("exec", "-T", "postgres", "psql", "--command", r"\dt", *user).succeeded().out


def test_second_release_is_served(stack: Stack) -> None:
    write_migration(stack, "second", "CREATE TABLE second_release (id integer)")
    change_sheet(stack, "second-release")
    for command in stack.documented("### The next release"):
        stack.shell(command, RELEASE="second").succeeded()
    assert ".second-release" in served_sheet(stack)
    assert "second_release" in tables(stack)
    assert stack.visitor().ask("/health/ready/").status == 200


def test_failing_migration_leaves_the_old_release_serving(stack: Stack) -> None:
    before = [container["Id"] for container in stack.containers()]
    broken = write_migration(stack, "third", "CREATE TABLE third_release (id integer); SELECT 1 / 0")
    change_sheet(stack, "third-release")
    build, migrate, _ = stack.documented("### The next release")
    stack.shell(build, RELEASE="third").succeeded()
    failed = stack.shell(migrate, RELEASE="third")
    assert failed.code != 0 and "division by zero" in failed.output, failed
    assert [container["Id"] for container in stack.containers()] == before
    assert ".third-release" not in served_sheet(stack)
    assert "third_release" not in tables(stack)
    assert stack.visitor().ask("/health/ready/").status == 200
    broken.unlink()


def test_former_release_comes_back(stack: Stack) -> None:
    readme = (stack.project / "README.md").read_text(encoding="utf-8")
    back = re.search(r"set it back, then `([^`]+)`", readme)
    assert back
    stack.shell(back[1], RELEASE="local").succeeded()
    assert ".second-release" not in served_sheet(stack)


def test_end_keeps_the_data(stack: Stack) -> None:
    stack.docker_compose("down").succeeded()
    stack.docker_compose("up", "--wait", RELEASE="second").succeeded()
    assert "second_release" in tables(stack)
    assert ".second-release" in served_sheet(stack)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "POSTGRES_PASSWORD"])
def test_missing_value_is_named(stack: Stack, name: str) -> None:
    path = stack.project / ".env"
    whole = path.read_text()
    path.write_text("".join(line for line in whole.splitlines(keepends=True) if not line.startswith(f"{name}=")))
    refused = stack.docker_compose("config", "--quiet")
    path.write_text(whole)
    assert refused.code != 0 and name in refused.output, refused
