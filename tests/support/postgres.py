"""A PostgreSQL cluster of our own: made for the session, without fsync, stopped at its end."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from support.environments import only_one_at_a_time

OWNER = "lab"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=50")
# Statistics gathered in the middle of a test's transaction say that its tables are empty; the planner then joins them
# without an index, and a query can run for minutes. One that is slow all the same is stopped.
PREDICTABLE = ("autovacuum=off", "statement_timeout=60s")
WHERE = "DJSCAFFOLD_LAB_POSTGRES"
PREFIX = "djscaffold-postgres-"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name: str) -> Path:
    """Return a server binary: PATH, or where Debian keeps them."""
    if found := shutil.which(name):
        return Path(found)
    versions = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4].split(".")[0])
    )
    assert versions, f"no {name} on PATH or in /usr/lib/postgresql: start the lab by `tests/run lab`"
    return versions[-1]


def user() -> str | None:
    """Return whom the server runs as: PostgreSQL refuses root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@dataclass(frozen=True)
class Cluster:
    folder: Path
    port: int

    def url(self, database: str) -> str:
        return f"postgres://{OWNER}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database and return its URL."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{database}"')
        return self.url(database)


def start(folder: Path) -> Cluster:
    """Make and start a cluster in `folder`, on a free port of the loopback."""
    owner = user()
    if owner:
        shutil.chown(folder, owner)
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(folder)}
    data = folder / "data"

    def call(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        with (folder / f"{name}.out").open("w") as out:
            return subprocess.run(
                [program(name), *arguments],
                cwd=folder,
                env=environment,
                user=owner,
                extra_groups=[] if owner else None,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )

    made = call("initdb", "-D", str(data), "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
    assert made.returncode == 0, (folder / "initdb.out").read_text()
    for _ in range(5):
        port = free_port()
        settings = [*FAST, *PREDICTABLE, f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories="]
        options = " ".join(f"-c {setting}" for setting in settings)
        started = call("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "-t", "60", "start")
        if started.returncode == 0:
            return Cluster(folder, port)
    raise AssertionError((folder / "pg_ctl.out").read_text() + (folder / "log").read_text())


def stop(folder: Path) -> None:
    """Stop the cluster in `folder` at once and forget it."""
    try:
        process = int((folder / "data/postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGQUIT)
        for _ in range(100):
            time.sleep(0.05)
            os.kill(process, 0)
    except (OSError, ValueError, IndexError):
        pass
    shutil.rmtree(folder, ignore_errors=True)


def clear_away() -> None:
    """Stop the clusters of sessions that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            os.kill(int((folder / "session").read_text()), 0)
        except ProcessLookupError:
            stop(folder)
        except (OSError, ValueError):
            continue  # somebody else's, or just being made


def promise() -> Path:
    """Choose the session's folder; called once, before the workers, which inherit the choice."""
    clear_away()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o755)
    (folder / "session").write_text(str(os.getpid()))
    os.environ[WHERE] = str(folder)
    return folder


@cache
def cluster() -> Cluster:
    """Return the session's one cluster, started by the first worker that asks."""
    folder = Path(os.environ[WHERE])
    with only_one_at_a_time("postgres"):
        port = folder / "port"
        if port.is_file():
            return Cluster(folder, int(port.read_text()))
        started = start(folder)
        port.write_text(str(started.port))
        return started
