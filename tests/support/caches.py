"""Servers of caches, on free ports."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

from support.postgres import free_port


class CacheServer:
    """A Redis or a Memcached of the tests' own; `stop` takes it away in the middle of its work."""

    def __init__(self, kind: str, folder: Path) -> None:
        port = free_port()
        commands = {
            "redis": ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", ""],
            "memcached": ["memcached", "--user=nobody", "--listen=127.0.0.1", f"--port={port}"],
        }
        command = commands[kind]
        assert shutil.which(command[0]), f"no {command[0]} on PATH: `apt-get install {command[0]}`"
        self.url = {"redis": f"redis://127.0.0.1:{port}/0", "memcached": f"memcache://127.0.0.1:{port}"}[kind]
        with (folder / f"{kind}.log").open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 20
        while not listens(port):
            assert self.process.poll() is None, (folder / f"{kind}.log").read_text()
            assert time.monotonic() < deadline, f"{kind} does not listen"
            time.sleep(0.05)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
