"""Starting a web server on a free port and stopping it with all its children."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from support.postgres import free_port


@contextmanager
def serving(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], log: Path, timeout: float = 60
) -> Iterator[str]:
    """Run `command` with `HOST:PORT` added until the block ends; yields the address once it answers."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*map(str, command), f"127.0.0.1:{port}"],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + timeout
        while not answers(address):
            assert server.poll() is None, f"the server ended:\n{log.read_text(errors='replace')}"
            assert time.monotonic() < deadline, f"no answer in {timeout} s:\n{log.read_text(errors='replace')}"
            time.sleep(0.1)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=20).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def status(address: str) -> int:
    """Return the status code of a page, whatever it is."""
    try:
        with urllib.request.urlopen(address, timeout=20) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
