"""The container files as their own checkers see them, for each way that HTTPS can end and without Nginx."""

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from containers.conftest import MakeProject
from containers.nginx import IMAGE, fit_nginx
from support import TARGET
from support.commands import Result, run

CHECKERS = TARGET / "tests/container-tools/bin"
CHOICES = {
    "off": ["--preset", "full"],
    "terminate": ["--preset", "full", "--set", "nginx.tls=terminate"],
    "acme": ["--preset", "full", "--with", "backup", "--set", "nginx.tls=acme"],
    "upstream": ["--preset", "full", "--with", "swarm", "--set", "nginx.tls=upstream"],
    "without-nginx": ["--preset", "full", "--without", "nginx"],
}
# host_spoofing: Django checks the host and needs its port, see proxy.conf.
# hsts_header: only Django sends it, as browsers obey the last they got.
# add_header_redefinition: Django's answers have their own headers, see proxy.conf.
GIXY_EXCEPTIONS = "host_spoofing,hsts_header,add_header_redefinition"


@pytest.fixture(scope="module", params=CHOICES)
def project(request: pytest.FixtureRequest, make_project: MakeProject) -> Path:
    return make_project(*CHOICES[request.param])


def check(project: Path, *command: str | Path) -> Result:
    checker = [CHECKERS / command[0], *command[1:]] if (CHECKERS / command[0]).exists() else command
    environment = {"PATH": f"{CHECKERS}:{os.environ['PATH']}", "HOME": str(project.parent)}
    return run(list(checker), cwd=project, env=environment, timeout=600).succeeded()


def test_hadolint(project: Path) -> None:
    # Debian keeps only the newest version of a package, so that a pinned one soon fails to install.
    check(project, "hadolint", "--ignore", "DL3008", "Dockerfile")


def test_compose_schema(project: Path) -> None:
    said = check(
        project, "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yml", "compose.production.yml"
    )
    assert "ok" in said.out


def test_checkov(project: Path) -> None:
    said = check(
        project, "checkov", "--framework", "dockerfile", "--file", "Dockerfile", "--compact", "--skip-download"
    )
    assert "Failed checks: 0, Skipped checks: 0" in said.out, said


def test_shellcheck(project: Path) -> None:
    scripts = sorted(map(str, (project / "deploy").rglob("*.sh")))
    if (project / "deploy/nginx").exists():
        assert len(scripts) >= 2
        check(project, "shellcheck", *scripts)


def test_memory_of_web_is_enough_for_logins_in_every_thread(project: Path) -> None:
    hasher = (project / "accounts/hashers.py").read_text()
    cost = re.search(r"memory_cost = (\d+) \* 1024", hasher)
    threads = re.search(r"^threads = (\d+)", (project / "deploy/gunicorn.conf.py").read_text(), re.MULTILINE)
    compose = (project / "compose.production.yml").read_text()
    workers = re.search(r"WEB_CONCURRENCY:-(\d+)", compose)
    limit = re.search(r"2 processes of up to (\d+) MB.*\n\s+memory: (\d+)M", compose)
    assert cost and threads and workers and limit
    assert int(workers[1]) * (int(limit[1]) + int(threads[1]) * int(cost[1])) < int(limit[2])


def test_no_image_floats(project: Path) -> None:
    for name in ("Dockerfile", "compose.yml", "compose.production.yml"):
        text = (project / name).read_text()
        assert "latest" not in text
        for line in text.splitlines():
            words = line.split()
            if words and words[0] == "image:" and not words[1].startswith(project.name):
                assert ":" in words[1], line


def test_production_refuses_without_values(project: Path) -> None:
    if not (project / "deploy/nginx").exists():
        pytest.skip("the same file but for Nginx")
    environment = {"PATH": os.environ["PATH"], "HOME": str(project.parent)}
    command = ["docker", "compose", "-f", "compose.production.yml", "config", "--quiet"]
    refused = run(command, cwd=project, env=environment)
    assert refused.code != 0 and "set it in .env" in refused.output, refused


@pytest.fixture
def nginx(project: Path, tmp_path: Path) -> Path:
    """Return Nginx's configuration as the container has it, below a folder of this machine."""
    if not (project / "deploy/nginx").exists():
        pytest.skip("no Nginx")
    folder = tmp_path / "deploy/nginx"
    shutil.copytree(project / "deploy/nginx", folder)
    fit_nginx(tmp_path)
    (folder / "mime.types").write_text("types { text/html html; }\n")
    values = {
        "ALLOWED_HOSTS": "localhost,.example.com",
        "HTTPS_PORT": "8443",
        "BALANCER_NETWORKS": "10.0.0.0/16,fd00::/8",
    }
    script = (folder / "environment.sh").read_text().replace("/tmp/", f"{folder}/")
    run(["sh", "-c", script], cwd=folder, env={"PATH": os.environ["PATH"], **values}).succeeded()
    for path in folder.glob("*.conf"):
        text = path.read_text().replace("include /tmp/", f"include {folder}/")
        path.write_text(text.replace("/etc/nginx/tls/", f"{folder}/tls_").replace("/etc/nginx/", f"{folder}/"))
    return folder


def test_gixy(project: Path, nginx: Path) -> None:
    said = check(project, "gixy", "--skips", GIXY_EXCEPTIONS, nginx / "nginx.conf")
    assert "No issues found" in said.out, said


def test_nginx_takes_its_configuration(project: Path, nginx: Path) -> None:
    pair = ["-keyout", nginx / "tls_key.pem", "-out", nginx / "tls_certificate.pem"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", *pair]
    run(command, cwd=nginx, env={"PATH": os.environ["PATH"]}).succeeded()
    nginx.chmod(0o755)
    (nginx / "tls_key.pem").chmod(0o644)
    command = ["docker", "run", "--rm", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"]
    command += ["--volume", f"{nginx}:{nginx}:ro"]
    command += ["--entrypoint", "nginx", IMAGE, "-t", "-c", str(nginx / "nginx.conf")]
    said = run(command, cwd=nginx, env={"PATH": os.environ["PATH"]}).succeeded()
    assert "test is successful" in said.err and "warn" not in said.err, said


@pytest.mark.parametrize("backend", ["local", "s3"])
def test_a_swarm_runs_what_compose_runs(make_project: MakeProject, backend: str) -> None:
    """The same commands on the same networks; static files of a disk are copied by a service of their own."""
    project = make_project("--preset", "full", "--with", "swarm", "--set", f"storage.backend={backend}")
    compose, stack = (
        yaml.safe_load((project / name).read_text())["services"]
        for name in ("compose.production.yml", "deploy/stack.yml")
    )
    assert set(compose) == set(stack) - {"static"}
    for name in ("migrate", "web", "worker", "beat", "redis"):
        ours, theirs = stack[name].get("command"), compose[name].get("command")
        if name == "migrate" and backend == "local":
            assert shlex.join(ours) in theirs and "/srv/static/" in " ".join(stack["static"]["command"])
        else:
            assert ours == theirs, name
        assert stack[name]["networks"] == compose[name]["networks"], name
