"""Redis, Memcached and RabbitMQ of the tests' own, on free ports."""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from support.postgres import free_port


@dataclass(frozen=True)
class Kind:
    command: str
    package: str
    url: str


KINDS = {
    "redis": Kind(
        "redis-server --bind 127.0.0.1 --port {port} --save ''", "redis-server", "redis://127.0.0.1:{port}/0"
    ),
    "memcached": Kind(
        "memcached --user=nobody --listen=127.0.0.1 --port={port}", "memcached", "memcache://127.0.0.1:{port}"
    ),
    "rabbitmq": Kind(
        "/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server", "amqp://guest:guest@127.0.0.1:{port}//"
    ),
}


class Server:
    """One of them; `stop` takes it away in the middle of its work."""

    def __init__(self, kind: str, folder: Path) -> None:
        port = free_port()
        kind_of = KINDS[kind]
        command = shlex.split(kind_of.command.format(port=port))
        assert shutil.which(command[0]), f"no {command[0]} on PATH: `apt-get install {kind_of.package}`"
        self.url = kind_of.url.format(port=port)
        log_file = folder / f"{kind}.log"
        with log_file.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | rabbitmq(folder, port),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while not listens(port):
            assert self.process.poll() is None, log_file.read_text()
            assert time.monotonic() < deadline, f"{kind} does not listen: {log_file.read_text()}"
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def rabbitmq(folder: Path, port: int) -> dict[str, str]:
    """Return what keeps a RabbitMQ apart from any other of this machine."""
    return {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"tests-{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_BASE": str(folder / "rabbitmq"),
        "RABBITMQ_MNESIA_BASE": str(folder / "rabbitmq/mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "rabbitmq/log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "rabbitmq/plugins"),
        "ERL_EPMD_PORT": str(free_port()),
    }


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
