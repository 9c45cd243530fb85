"""What the images of `full` weigh, how long they take to build, and what they serve through Nginx."""

import shutil
import sys
import tempfile
import time
import uuid
from pathlib import Path

from containers.stack import PRODUCTION, Stack
from support.binary import new
from support.commands import run

SECONDS = 10
CONNECTIONS = 16
PAGES = {"page": "/blog/posts/", "list of the API": "/api/v1/blog/posts/", "static file": "/static/css/site.css"}
FILL = """
from accounts.models import CustomUser
from blog.models import Post
from django.utils import timezone
author = CustomUser.objects.create_user("ada", "ada@example.org", "correct-horse-battery")
Post.objects.bulk_create(
    Post(title=f"Post {n}", slug=f"post-{n}", content="Words " * 200, author=author, status="published",
         published_at=timezone.now())
    for n in range(1000)
)
"""


def timed(stack: Stack, what: str, *command: str) -> None:
    began = time.monotonic()
    stack.docker_compose(*command).succeeded()
    print(f"{what:<44} {time.monotonic() - began:>7.1f} s")


def docker(stack: Stack, *command: str) -> str:
    return run(["docker", *command], cwd=stack.project, env=stack.environment).succeeded().out


def weigh(stack: Stack) -> None:
    for service, base in (("web", "python:3.13-slim-trixie"), ("nginx", "nginxinc/nginx-unprivileged:1.28")):
        for image in (f"{stack.name}-{service}:local", base):
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


def load(stack: Stack, what: str, path: str) -> None:
    script = Path(__file__).with_name("p95.lua")
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", script, f"{stack.address}{path}"]
    said = run(command, cwd=stack.project, env=stack.environment).succeeded().out
    rate, p95, errors = said.partition("RESULT ")[2].split()
    print(f"{what:<28} {rate:>8} requests/s   p95 {p95:>7} ms   {errors} errors")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        name = f"site{uuid.uuid4().hex[:8]}"
        stack = Stack(new(Path(folder), name, "--preset", "full"), name, PRODUCTION)
        try:
            values = ["ALLOWED_HOSTS=localhost", "EMAIL_URL=consolemail://", "DEFAULT_FROM_EMAIL=noreply@localhost"]
            with (stack.project / ".env").open("a") as env:
                env.write("\n".join(values) + "\n")
            with (stack.project / "config/settings/production.py").open("a") as code:
                code.write('\nREST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = []\n')
            timed(stack, "build, no layer cached (uv's cache may be)", "build", "--no-cache")
            with (stack.project / "config/urls.py").open("a") as code:
                code.write("\n# changed\n")
            timed(stack, "build after an edit", "build")
            timed(stack, "up --wait", "up", "--wait")
            weigh(stack)
            time.sleep(5)
            idle(stack)
            stack.docker_compose("exec", "-T", "web", "python", "manage.py", "shell", "--command", FILL).succeeded()
            for what, path in PAGES.items():
                load(stack, what, path)
            idle(stack)
        finally:
            stack.end()
            shutil.rmtree(stack.project, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
