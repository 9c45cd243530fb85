"""A generated project in its containers, run by the commands of its own README."""

import json
import os
import re
import shutil
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path

from containers.visitor import Visitor
from support.commands import Result, run
from support.postgres import free_port

PRODUCTION = ["docker", "compose", "-f", "compose.production.yml"]
DEVELOPMENT = ["docker", "compose"]


@dataclass
class Stack:
    """A project and the environment that its commands get; Compose keeps it apart from all others by its name."""

    project: Path
    name: str
    compose: list[str]
    scheme: str = "http"
    ports: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        names = ["HTTP_PORT", "HTTPS_PORT", "DEVELOPER_PORT", "MAILPIT_PORT"]
        self.ports = {name: str(free_port()) for name in names}

    @property
    def address(self) -> str:
        if self.compose == DEVELOPMENT:
            return f"http://localhost:{self.ports['DEVELOPER_PORT']}"
        return f"{self.scheme}://localhost:{self.ports['HTTPS_PORT' if self.scheme == 'https' else 'HTTP_PORT']}"

    @property
    def label(self) -> str:
        """Return what Compose labels every image with that it builds for this project."""
        return f"com.docker.compose.project={self.name}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_HOST") if name in os.environ}
        return {**kept, **self.ports, "COMPOSE_PROJECT_NAME": self.name}

    def shell(self, command: str, **more: str) -> Result:
        return run(["bash", "-c", command], cwd=self.project, env={**self.environment, **more}, timeout=1200)

    def docker_compose(self, *arguments: str, **more: str) -> Result:
        return run([*self.compose, *arguments], cwd=self.project, env={**self.environment, **more}, timeout=1200)

    def documented(self, after: str) -> list[str]:
        """Return the commands of the first block in the README, or else the runbook, that follows this text."""
        pages = [self.project / "README.md", self.project / "docs/runbook.md"]
        text = "".join(page.read_text(encoding="utf-8") for page in pages if page.exists())
        block = re.search(r"```sh\n(.*?)```", text.partition(after)[2], flags=re.DOTALL)
        assert block, f"there are no commands after {after!r}"
        return block[1].splitlines()

    def set(self, name: str, value: str) -> None:
        """Give a variable in .env another value."""
        path = self.project / ".env"
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(f"{name}=")]
        path.write_text("\n".join([*lines, f"{name}={value}", ""]), encoding="utf-8")

    def has_lost_nobody(self) -> None:
        """Check that no container was started again, and that no worker was killed."""
        for container in self.containers():
            assert container["RestartCount"] == 0 and not container["State"]["OOMKilled"], container["Name"]
        assert "SIGKILL" not in self.log("web")

    def first_try(self) -> None:
        for command in self.documented("Try production on this machine"):
            self.shell(command.replace("localhost:8080", f"localhost:{self.ports['HTTP_PORT']}")).succeeded()

    def containers(self) -> list[dict]:
        """Return what Docker knows of each running container."""
        running = self.docker_compose("ps", "--quiet").succeeded().out.split()
        return json.loads(run(["docker", "inspect", *running], cwd=self.project, env=self.environment).succeeded().out)

    def secrets(self) -> dict[str, str]:
        """Return the generated values in .env."""
        lines = (self.project / ".env").read_text(encoding="utf-8").splitlines()
        values = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        return {name: value for name, value in values.items() if len(value) >= 40}

    def visitor(self, certificate: Path | None = None) -> Visitor:
        context = ssl.create_default_context(cafile=certificate) if certificate else None
        return Visitor(self.address, context)

    def log(self, service: str) -> str:
        log = self.docker_compose("logs", "--no-log-prefix", service).succeeded().out
        return log.replace("\x1b[2K", "")  # compose clears each line, on no terminal too

    def last_code(self) -> str:
        """Return the last code that the worker has mailed, which the console shows."""
        before, deadline = len(self.codes), time.monotonic() + 30
        while len(self.codes) == before and time.monotonic() < deadline:
            self.codes = re.findall(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", self.log("worker"), flags=re.MULTILINE)
            time.sleep(0.2)
        assert len(self.codes) > before, self.log("worker")
        return self.codes[-1]

    def end(self) -> None:
        self.docker_compose("down", "--volumes", "--timeout", "5")
        # Those too that a later build took the name from.
        label = ["--filter", f"label={self.label}"]
        ids = run(["docker", "image", "ls", "--quiet", *label], cwd=self.project, env=self.environment).out.split()
        if ids:
            run(["docker", "image", "rm", "--force", *sorted(set(ids))], cwd=self.project, env=self.environment)
        shutil.rmtree(self.project, ignore_errors=True)
