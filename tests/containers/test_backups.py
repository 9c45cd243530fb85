"""Backups: what is lost comes back, and a backup that is cut changes nothing."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from containers.conftest import MakeStack
from containers.stack import Stack
from support.commands import Result
from support.postgres import free_port

FILL = """
from accounts.models import CustomUser
from blog.models import Post
from django.core.files.base import ContentFile
from library.models import Document
ada = CustomUser.objects.create_superuser("ada", "ada@example.org", "correct horse battery")
Post.objects.create(title="Kept", content="Hello", author=ada, status="published")
Document.objects.create(title="Paper", owner=ada, file=ContentFile(b"paper" * 1000, "paper.txt"))
"""
LOSE = """
from django.db import connection
from library.models import Document
Document.objects.get().file.delete(save=False)
connection.cursor().execute("DROP TABLE blog_post CASCADE")
connection.cursor().execute("CREATE TABLE of_later (id integer)")
"""
LOOK = """
import hashlib, json
from accounts.models import CustomUser
from blog.models import Post
from library.models import Document
with Document.objects.get().file.open() as file:
    print(json.dumps([
        list(CustomUser.objects.values_list("username", "password")),
        list(Post.objects.values_list("title", "slug", "content", "author__email")),
        hashlib.sha256(file.read()).hexdigest(),
    ]))
"""


@pytest.fixture(scope="module")
def stack(make_stack: MakeStack, answers: Path) -> Stack:
    stack = make_stack("--answers", str(answers), "--with", "backup")
    stack.first_try()
    shell(stack, FILL)
    return stack


def shell(stack: Stack, program: str) -> str:
    command = ["exec", "-T", "web", "python", "manage.py", "shell", "--no-imports", "--command", program]
    return stack.docker_compose(*command).succeeded().out


def backup(stack: Stack, *command: str, **more: str) -> Result:
    variables = [word for name, value in more.items() for word in ("--env", f"{name}={value}")]
    return stack.docker_compose("exec", "-T", *variables, "backup", *command)


def tags(stack: Stack) -> list[str]:
    snapshots = json.loads(backup(stack, "restic", "snapshots", "--json").succeeded().out)
    return [snapshot["tags"][0] for snapshot in sorted(snapshots, key=lambda one: one["time"])]


def databases(stack: Stack) -> list[str]:
    listed = stack.docker_compose("exec", "-T", "postgres", "psql", "--list", "--tuples-only", "--no-align", "-F,")
    return [line.split(",")[0] for line in listed.succeeded().out.splitlines() if "," in line]


def documented(stack: Stack) -> list[str]:
    now, listed, restore = stack.documented("### Backups")
    assert "restic snapshots" in listed
    return [now.replace(" exec ", " exec -T "), restore]


def test_what_is_lost_comes_back(stack: Stack) -> None:
    first = tags(stack)
    assert len(first) == 2, "one when it started, of database and uploads"
    now, restore = documented(stack)
    stack.shell(now).succeeded()
    before = shell(stack, LOOK)
    shell(stack, LOSE)
    assert stack.visitor().ask("/blog/posts/").status == 500
    told = stack.shell(restore).succeeded().out
    assert shell(stack, LOOK) == before
    assert "Kept" in stack.visitor().ask("/blog/posts/").text
    kept = [name for name in databases(stack) if name.startswith(f"{stack.project.name}_")]
    assert len(kept) == 1 and kept[0] in told
    # The site's role owns what was restored, so that it can go on to migrate.
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    command = ["exec", "-T", "postgres", "psql", "--tuples-only", "--no-align", "--command", owners]
    assert stack.docker_compose(*command, stack.project.name).succeeded().out.split() == [stack.project.name]


def test_an_older_one_is_restored_by_its_tag(stack: Stack) -> None:
    _, restore = documented(stack)
    earlier, later = sorted(set(tags(stack)))
    stack.shell(f"{restore} {earlier}").succeeded()
    count = "from blog.models import Post; print(Post.objects.count())"
    assert shell(stack, count).strip() == "0"
    stack.shell(f"{restore} {later}").succeeded()
    assert shell(stack, count).strip() == "1"


def test_a_dump_that_fails_is_no_backup(stack: Stack) -> None:
    before = tags(stack)
    # Its first part comes, then the connection is lost.
    cut = '#!/bin/sh\\n/usr/bin/pg_dump "$@" | head -c 1000; exit 1'
    script = f"mkdir /backups/cut && printf '{cut}' >/backups/cut/pg_dump && chmod +x /backups/cut/pg_dump"
    backup(stack, "sh", "-c", script).succeeded()
    failed = backup(stack, "sh", "-c", "PATH=/backups/cut:$PATH backup.sh")
    backup(stack, "rm", "-r", "/backups/cut").succeeded()
    assert failed.code != 0 and "command failed" in failed.output, failed
    assert tags(stack) == before
    last = 'test -n "$(find /tmp/succeeded -mmin -1500)"'
    backup(stack, "sh", "-c", f"touch -d '26 hours ago' /tmp/succeeded; ! {last}").succeeded()


def test_a_damaged_backup_changes_nothing(stack: Stack) -> None:
    _, restore = documented(stack)
    before = databases(stack), shell(stack, LOOK)
    spoil = "chmod -R u+w /backups/data && find /backups/data -type f -size +1k -exec truncate --size 1k {} +"
    backup(stack, "sh", "-c", spoil).succeeded()
    failed = stack.shell(restore)
    assert failed.code != 0, failed
    assert set(databases(stack)) - {"restored"} == set(before[0]) - {"restored"}
    assert shell(stack, LOOK) == before[1]
    assert stack.visitor().ask("/blog/posts/").status == 200


@pytest.fixture
def bucket(stack: Stack, tmp_path: Path) -> Iterator[str]:
    """Serve S3 to containers; yields the repository's address."""
    port = free_port()
    program = Path(sys.executable).with_name("moto_server")
    with (tmp_path / "moto.log").open("wb") as log:
        server = subprocess.Popen(
            [program, "-H", "0.0.0.0", "-p", str(port)], env=dict(os.environ), stdout=log, stderr=log
        )
    (backup_container,) = [one for one in stack.containers() if "-backup-" in one["Name"]]
    networks = backup_container["NetworkSettings"]["Networks"]
    gateway = next(network["Gateway"] for name, network in networks.items() if name.endswith("_front"))
    make = urllib.request.Request(f"http://127.0.0.1:{port}/backups", method="PUT")
    answered = False
    while not answered:
        try:
            answered = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(make, timeout=10).status == 200
        except OSError:
            assert server.poll() is None, (tmp_path / "moto.log").read_text()
            time.sleep(0.2)
    yield f"s3:http://{gateway}:{port}/backups"
    server.terminate()
    server.wait()


def test_s3(stack: Stack, bucket: str) -> None:
    keys = {"RESTIC_REPOSITORY": bucket, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    for name, value in keys.items():
        stack.set(name, value)
    stack.docker_compose("up", "--detach", "--wait", "--no-deps", "backup").succeeded()
    assert len(tags(stack)) == 2
    before = shell(stack, LOOK)
    shell(stack, LOSE)
    time.sleep(1)
    stack.shell(documented(stack)[1]).succeeded()
    assert shell(stack, LOOK) == before
