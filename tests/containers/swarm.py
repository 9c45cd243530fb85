"""A generated project as a stack of a real swarm of one node, with a real registry."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from containers.stack import PRODUCTION, Stack
from support.commands import Result, run
from support.postgres import free_port


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """Serve a registry, and yield its address."""
    address = f"127.0.0.1:{free_port()}"
    configuration = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}},
        "http": {"addr": address},
    }
    path = folder / "registry.json"
    path.write_text(json.dumps(configuration))
    with (folder / "registry.log").open("w") as log:
        server = subprocess.Popen(["docker-registry", "serve", path], stdout=log, stderr=log)
        try:
            yield address
        finally:
            server.terminate()
            server.wait()


class Swarm(Stack):
    """The project in the swarm; it must be the only stack with this name."""

    def __init__(self, project: Path) -> None:
        super().__init__(project, project.name, PRODUCTION)

    def docker(self, *arguments: str) -> Result:
        return run(["docker", *arguments], cwd=self.project, env=self.environment, timeout=600)

    def release(self, *arguments: str) -> Result:
        return self.shell(" ".join(["deploy/swarm.sh", *arguments]))

    def running(self, service: str) -> list[str]:
        """Return the identifiers of a service's containers."""
        label = f"label=com.docker.swarm.service.name={self.name}_{service}"
        return sorted(self.docker("ps", "--quiet", "--filter", label).succeeded().out.split())

    def inside(self, container: str, *command: str) -> str:
        return self.docker("exec", container, *command).succeeded().out

    def manage(self, container: str, program: str) -> str:
        return self.inside(container, "python", "manage.py", "shell", "-v", "0", "-c", program).strip()

    def log(self, service: str) -> str:
        """Return what all containers of a service have said; `docker service logs` waits for those that are gone."""
        label = f"label=com.docker.swarm.service.name={self.name}_{service}"
        every = self.docker("ps", "--all", "--quiet", "--filter", label).succeeded().out.split()
        return "".join(self.docker("logs", container).output for container in every)

    def end(self) -> None:
        self.docker("stack", "rm", self.name)
        for _ in range(30):
            if not self.docker("ps", "--all", "--quiet", "--filter", f"name={self.name}_").out:
                break
            run(["sleep", "1"], cwd=self.project, env=self.environment)
        for kind in ("volume", "secret", "config"):
            if names := self.docker(kind, "ls", "--quiet", "--filter", f"name={self.name}_").out.split():
                self.docker(kind, "rm", *names)
        if images := self.docker("image", "ls", "--quiet", "--filter", f"reference=*/{self.name}-*").out.split():
            self.docker("image", "rm", "--force", *sorted(set(images)))
        self.docker("swarm", "leave", "--force")
        super().end()
