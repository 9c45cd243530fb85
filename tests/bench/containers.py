"""What the images of `full` weigh, how long they take to build, and what they serve through Nginx.

All ways to serve are measured in one run: with one and with three containers of web, WSGI and ASGI, from the cache and
for somebody who has logged in, and a plain Django and DRF project with the same workers on the same data.
"""

import json
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

from containers.nginx import fit_nginx
from containers.stack import PRODUCTION, Stack
from support import ROOT
from support.binary import new
from support.commands import run

PAGES = {"page": "/blog/posts/", "API": "/api/v1/blog/posts/"}
VALUES = {"ALLOWED_HOSTS": "localhost", "EMAIL_URL": "consolemail://", "DEFAULT_FROM_EMAIL": "noreply@localhost"}
PLAIN_SERVICE = {
    "services": {
        "web": {
            "working_dir": "/plain",
            "command": ["gunicorn", "--workers=2", "--threads=4", "--bind=0.0.0.0:8000", "--no-control-socket", "wsgi"],
            "environment": {
                "DJANGO_SETTINGS_MODULE": "settings",
                "PYTHONPATH": "/plain:/app",
                "HASHER": "accounts.hashers.Argon2PasswordHasher",
            },
            "volumes": [f"{ROOT / 'tests/bench/plain'}:/plain:ro"],
            "healthcheck": {"disable": True},
        }
    }
}
FILL = """
from importlib import import_module

from accounts.models import CustomUser
from blog.models import Post
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
author = CustomUser.objects.create_user("ada", "ada@example.org", "correct-horse-battery")
Post.objects.bulk_create(
    Post(title=f"Post {n}", slug=f"post-{n}", content="Words " * 200, author=author, status="published",
         published_at=timezone.now())
    for n in range(1000)
)
session = import_module(settings.SESSION_ENGINE).SessionStore()
session.update({SESSION_KEY: str(author.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
                HASH_SESSION_KEY: author.get_session_auth_hash()})
session.save()
print(session.session_key)
"""


def timed(stack: Stack, what: str, *command: str) -> None:
    began = time.monotonic()
    stack.docker_compose(*command).succeeded()
    print(f"{what:<44} {time.monotonic() - began:>7.1f} s")


def docker(stack: Stack, *command: str) -> str:
    return run(["docker", *command], cwd=stack.project, env=stack.environment).succeeded().out


def weigh(stack: Stack) -> None:
    for ours, base in (("web:local", "python:3.13-slim-trixie"), ("nginx", "nginxinc/nginx-unprivileged:1.28")):
        for image in (f"{stack.name}-{ours}", base):
            size = int(docker(stack, "image", "inspect", "--format", "{{.Size}}", image))
            print(f"{image.replace(stack.name, 'NAME'):<44} {size / 1e6:>7.1f} MB")
    inside = docker(stack, "run", "--rm", "--entrypoint", "du", f"{stack.name}-web:local", "-sm", "/opt/venv", "/app")
    for line in inside.splitlines():
        megabytes, path = line.split()
        print(f"  of which {path:<33} {megabytes:>7} MB")


def idle(stack: Stack) -> None:
    for line in docker(stack, "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}").splitlines():
        if line.startswith(stack.name):
            name, used, *_ = line.split()
            print(f"idle {name.removeprefix(stack.name):<39} {used:>10}")


def measure(stack: Stack, what: str, *arguments: str) -> None:
    """Print what the project's own command says of the list page and the list of the API."""
    for list_of, path in PAGES.items():
        command = [sys.executable, stack.project / "deploy/measure.py", stack.address, path, *arguments]
        said = run([*command, "--project", stack.name], cwd=stack.project, env=stack.environment).succeeded().out
        _, rate, p95, _, others, *costs = said.splitlines()[1].split()
        cost = dict(zip(costs[::2], [value.rstrip(",") for value in costs[1::2]], strict=True))
        print(f"{f'{what}, {list_of}':<52} {rate:>6} /s  p95 {p95:>5} ms  CPU {cost['web']:>5} ms  {others} not 200")


def fill(stack: Stack) -> list[str]:
    """Fill the database; return the arguments for measuring as somebody who has logged in."""
    said = stack.docker_compose("exec", "-T", "web", "python", "manage.py", "shell", "-v", "0", "--command", FILL)
    return ["--header", f"Cookie: sessionid={said.succeeded().out.strip()}"]


def make(folder: Path, *arguments: str) -> Stack:
    """Return a project in which an address may ask as often as it likes."""
    name = f"site{uuid.uuid4().hex[:8]}"
    stack = Stack(new(folder, name, "--preset", "full", "--with", "docs", *arguments), name, PRODUCTION)
    fit_nginx(stack.project)
    for variable, value in VALUES.items():
        stack.set(variable, value)
    with (stack.project / "config/settings/production.py").open("a") as code:
        code.write('\nREST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = []\n')
    return stack


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as ended:
        stack = make(Path(folder))
        ended.callback(stack.end)
        timed(stack, "build, no layer cached (uv's cache may be)", "build", "--no-cache")
        with (stack.project / "config/urls.py").open("a") as code:
            code.write("\n# changed\n")
        timed(stack, "build after an edit", "build")
        timed(stack, "up --wait, two replicas", "up", "--wait")
        weigh(stack)
        time.sleep(5)
        idle(stack)
        logged_in = fill(stack)
        for replicas in (1, 3):
            stack.docker_compose("up", "--wait", "--no-recreate", "--scale", f"web={replicas}", "web").succeeded()
            time.sleep(5)
            measure(stack, f"WSGI, {replicas} web, from the cache")
            measure(stack, f"WSGI, {replicas} web, logged in", *logged_in)
        # The plain project takes the place of the site, in the same container with the same workers.
        override = stack.project / "plain.yml"
        override.write_text(json.dumps(PLAIN_SERVICE))
        plain = Stack(stack.project, stack.name, [*PRODUCTION, "-f", "plain.yml"])
        plain.ports = stack.ports
        plain.docker_compose("up", "--detach", "--scale", "web=1", "web").succeeded()
        time.sleep(15)
        measure(plain, "plain DRF, 1 web")
        stack.docker_compose("down", "--volumes").succeeded()

        stack = make(Path(folder), "--with", "async")
        ended.callback(stack.end)
        stack.docker_compose("up", "--wait", "--build", "--scale", "web=1").succeeded()
        logged_in = fill(stack)
        measure(stack, "ASGI, 1 web, from the cache")
        measure(stack, "ASGI, 1 web, logged in", *logged_in)


if __name__ == "__main__":
    sys.exit(main())
