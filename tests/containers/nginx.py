"""The Nginx that is at hand, where it is older than the one that projects are made for."""

import functools
import re
from pathlib import Path

from support.commands import machine_environment, run

IMAGE = "nginxinc/nginx-unprivileged:1.28"
# From here on, the servers of an upstream are looked up again.
RESOLVES = (1, 27, 3)


@functools.cache
def version() -> tuple[int, ...]:
    command = ["docker", "run", "--rm", "--entrypoint", "nginx", IMAGE, "-v"]
    said = run(command, cwd=Path("/"), env=machine_environment()).succeeded()
    found = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", said.output)
    assert found, said
    return tuple(map(int, found.groups()))


def fit_nginx(project: Path) -> None:
    """Let an older Nginx look up the containers of web by a variable, without kept connections."""
    site = project / "deploy/nginx/site.conf"
    if not site.exists() or version() >= RESOLVES:
        return
    text = site.read_text()
    resolver, server = "resolver 127.0.0.11 valid=2s;", "server web:8000 resolve max_fails=0;"
    assert resolver in text and server in text
    site.write_text(text.replace(resolver, "").replace(server, "server 127.0.0.1:8000;"))
    proxy = site.with_name("proxy.conf")
    passing = f"{resolver}\nset $web web:8000;\nproxy_pass http://$web;"
    assert "proxy_pass http://web;" in proxy.read_text()
    proxy.write_text(proxy.read_text().replace("proxy_pass http://web;", passing))
