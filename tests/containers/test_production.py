"""The preset `full` as it would run on a server, seen through Nginx."""

import gzip
import json
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from containers.conftest import MakeStack
from containers.stack import Stack
from containers.visitor import Answer, Visitor
from support import ROOT
from support.commands import machine_environment, run

PASSWORD = "correct-horse-battery"
DATABASE_PASSWORD = "p@ss/w#rd?%41+9eF==Zk3+aB/cD9eF==:&;!()[]"
SCHEMATHESIS = ROOT / "tests/lab/schemathesis.toml"
LARGE = b"x" * (24 * 1024 * 1024)


@pytest.fixture(scope="module")
def stack(make_stack: MakeStack, answers: Path) -> Stack:
    stack = make_stack("--answers", str(answers))
    # As a clone made under `umask 077`, with a password of all kinds of characters.
    for path in (stack.project, *stack.project.rglob("*")):
        path.chmod(0o700 if path.is_dir() or path.stat().st_mode & 0o100 else 0o600)
    stack.set("POSTGRES_PASSWORD", DATABASE_PASSWORD)
    for name in ("app.mjs", "site.webmanifest"):
        (stack.project / "static" / name).write_text("{}")
    stack.first_try()
    return stack


@pytest.fixture(scope="module")
def member(stack: Stack) -> Visitor:
    """Somebody who has signed up and given the code of the email."""
    visitor = stack.visitor()
    names = {"username": "ada", "email": "ada@example.org"}
    signed_up = visitor.send("/accounts/signup/", **names, password1=PASSWORD, password2=PASSWORD)
    assert signed_up.status == 200 and signed_up.address.endswith("/accounts/confirm-email/"), signed_up.text
    confirmed = visitor.send("/accounts/confirm-email/", code=stack.last_code())
    assert confirmed.status == 200 and "Sign out" in confirmed.text, confirmed.text
    assert visitor.ask("/accounts/profile/").status == 200
    return visitor


def problem(answer: Answer) -> tuple[str, str]:
    """Return the type and the code of the API's one shape of error."""
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json) == {"type", "errors"}
    (error,) = answer.json["errors"]
    assert set(error) == {"code", "detail", "attr"} and error["attr"] is None
    return answer.json["type"], error["code"]


def test_every_container_is_healthy_and_confined(stack: Stack) -> None:
    containers = stack.containers()
    services = {container["Config"]["Labels"]["com.docker.compose.service"] for container in containers}
    assert services == {"nginx", "web", "worker", "beat", "postgres", "redis"}
    for container in containers:
        assert container["State"]["Health"]["Status"] == "healthy", container["Name"]
        host = container["HostConfig"]
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"], container["Name"]
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert container["Config"]["User"].partition(":")[0] not in ("", "0", "root")
        assert host["Memory"] and host["NanoCpus"] and host["PidsLimit"]
        assert host["RestartPolicy"]["Name"] == "unless-stopped"


def test_only_nginx_is_published(stack: Stack) -> None:
    published = {
        container["Config"]["Labels"]["com.docker.compose.service"]: container["HostConfig"]["PortBindings"]
        for container in stack.containers()
    }
    assert {service for service, ports in published.items() if ports} == {"nginx"}
    assert published["nginx"]["8080/tcp"][0]["HostIp"] == "127.0.0.1"


@pytest.mark.parametrize("service", ["web", "nginx"])
def test_no_secret_is_in_an_image(stack: Stack, service: str) -> None:
    image = f"{stack.project.name}-{service}:{'local' if service == 'web' else 'latest'}"
    saved = stack.project.parent / f"{service}.tar"
    try:
        run(["docker", "save", "-o", saved, image], cwd=stack.project, env=stack.environment).succeeded()
        secrets = stack.secrets()
        assert {"SECRET_KEY", "POSTGRES_PASSWORD"} <= set(secrets)
        for name, value in secrets.items():
            found = run(["grep", "--text", "--count", "--fixed-strings", "--", value, saved], cwd=Path("/"), env={})
            assert found.out.strip() == "0", f"{name} is in the image {service}"
    finally:
        saved.unlink(missing_ok=True)


def test_images_are_built_as_in_ci(stack: Stack) -> None:
    workflow = yaml.safe_load((stack.project / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    commands = [step["run"] for step in workflow["jobs"]["image"]["steps"] if "run" in step]
    assert len(commands) == 3
    for command in commands:
        stack.shell(command.replace("docker build", f"docker build --label {stack.label}")).succeeded()


def test_home_page(stack: Stack) -> None:
    page = stack.visitor().ask("/")
    assert page.status == 200 and "<h1" in page.text
    page.is_secured()


def test_pages_are_compressed(stack: Stack) -> None:
    page = stack.visitor().ask("/", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert "<h1" in gzip.decompress(page.body).decode()


def test_hashed_static_file_is_kept_for_a_year_and_compressed(stack: Stack) -> None:
    visitor = stack.visitor()
    sheet = re.search(r"/static/css/site\.[0-9a-f]{12}\.css", visitor.ask("/").text)
    assert sheet
    plain = visitor.ask(sheet[0])
    assert plain.status == 200
    assert plain.headers.get_all("Cache-Control") == ["public, max-age=31536000, immutable"]
    plain.is_secured()
    small = visitor.ask(sheet[0], headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(small.body) == plain.body
    assert small.headers["Content-Length"] == str(len(small.body)), "compressed anew for every request"


def test_error_page_of_nginx(stack: Stack) -> None:
    answer = stack.visitor().ask("/static/nowhere.css")
    assert answer.status == 404 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<title>Page not found</title>" in answer.text and "<h1>Page not found</h1>" in answer.text
    assert "<!--#" not in answer.text


def test_error_pages_have_no_address(stack: Stack) -> None:
    visitor = stack.visitor()
    assert [visitor.ask(f"/error.{kind}").status for kind in ("html", "json")] == [404, 404]


def test_missing_static_file_is_not_kept(stack: Stack) -> None:
    answer = stack.visitor().ask("/static/css/site.000000000000.css")
    assert answer.status == 404
    assert answer.headers["Cache-Control"] is None
    answer.is_secured()


@pytest.mark.parametrize(
    "path", ["/nowhere/", "/static/nowhere.css", "/media/nowhere.png", "/media-files/x", "/media/../etc/passwd"]
)
def test_not_found(stack: Stack, path: str) -> None:
    answer = stack.visitor().ask(path)
    assert answer.status in (400, 404)
    answer.is_secured()


def test_too_large_a_body(stack: Stack) -> None:
    answer = stack.visitor().ask("/accounts/login/", LARGE)
    assert answer.status == 413
    assert "Request too large" in answer.text
    answer.is_secured()


def test_too_large_a_body_for_the_api(stack: Stack) -> None:
    headers = {"Content-Type": "application/json"}
    for path in ("/api/v1/blog/posts/", "/api/v1/library/documents/"):
        answer = stack.visitor().ask(path, b"x" * 3_000_000, headers=headers)
        assert answer.status == 413
        answer.is_secured()
        assert problem(answer) == ("client_error", "too_large")


def at_once(work: Callable[[int], Answer], number: int) -> list[int]:
    with ThreadPoolExecutor(number) as pool:
        return [answer.status for answer in pool.map(work, range(number))]


def test_large_bodies_at_once(stack: Stack) -> None:
    paths = ["/", "/library/documents/new/", "/admin/", "/api/v1/library/documents/"]
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    statuses = at_once(lambda number: stack.visitor().ask(paths[number % 4], LARGE, headers=headers), 16)
    # Gunicorn closes the connection of a request that is refused before all of it is read.
    assert set(statuses) <= {200, 400, 401, 403, 413, 502}, statuses
    assert stack.visitor().ask("/").status == 200
    stack.has_lost_nobody()


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/api/v1/%00", 400, "bad_request"), (f"/api/v1/{'a' * 9000}", 414, "uri_too_long")],
)
def test_malformed_requests_of_the_api(stack: Stack, path: str, status: int, code: str) -> None:
    answer = stack.visitor().ask(path)
    assert answer.status == status
    answer.is_secured()
    assert problem(answer) == ("client_error", code)


def test_pages_of_users_are_not_cached(stack: Stack, member: Visitor) -> None:
    assert member.ask("/accounts/profile/").headers.get_all("Cache-Control") == ["private, no-store"]
    assert "private" not in (stack.visitor().ask("/blog/posts/").headers["Cache-Control"] or "")


@pytest.mark.parametrize(
    ("name", "kind"), [("app.mjs", "text/javascript"), ("site.webmanifest", "application/manifest+json")]
)
def test_types_of_static_files(stack: Stack, name: str, kind: str) -> None:
    assert stack.visitor().ask(f"/static/{name}").headers["Content-Type"].partition(";")[0] == kind


def test_the_sites_role_is_no_superuser(stack: Stack) -> None:
    statement = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    script = f"from django.db import connection as c; u = c.cursor(); u.execute({statement!r}); print(u.fetchone()[0])"
    said = stack.docker_compose("exec", "-T", "web", "python", "manage.py", "shell", "-c", script).succeeded()
    assert said.out.split()[-1] == "False"


def test_without_the_database(stack: Stack) -> None:
    """Pages that need it say so soon; it is found again when it is back."""
    stack.docker_compose("stop", "postgres").succeeded()
    visitor = stack.visitor()
    for path in ("/blog/posts/?page=1&q=x", "/api/v1/blog/posts/", "/accounts/login/"):
        began = time.monotonic()
        answer = visitor.ask(path)
        if path != "/accounts/login/":
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5"), path
        assert time.monotonic() - began < 3, path
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(visitor.ask, "/api/v1/blog/posts/") for _ in range(4)]
        began = time.monotonic()
        assert visitor.ask("/health/live/").status == 200
        assert time.monotonic() - began < 1
        assert {future.result().status for future in waiting} == {503}
    stack.docker_compose("up", "--wait", "postgres").succeeded()
    # Each process has connections of its own: all of them have found it once so many requests in a row succeed.
    began, in_a_row = time.monotonic(), 0
    while in_a_row < 20:
        in_a_row = in_a_row + 1 if visitor.ask(f"/blog/posts/?page=1&q={time.monotonic()}").status == 200 else 0
        assert time.monotonic() - began < 20
        time.sleep(0.1)


def test_health(stack: Stack) -> None:
    answer = stack.visitor().ask("/health/live/")
    assert (answer.status, answer.text) == (200, "ok")


def test_nobody_outside_learns_what_is_wrong(stack: Stack) -> None:
    assert stack.visitor().ask("/health/ready/").status == 404


def test_host_that_is_not_ours(stack: Stack) -> None:
    answer = stack.visitor().ask("/", headers={"Host": "evil.example"})
    assert answer.status == 400
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_form_from_another_site(stack: Stack) -> None:
    refused = stack.visitor().send(
        "/accounts/login/", headers={"Origin": "https://evil.example"}, login="ada", password=PASSWORD
    )
    assert refused.status == 403
    refused.is_secured()


def test_post_by_form(stack: Stack, member: Visitor) -> None:
    published = member.send("/blog/posts/new/", title="Through the front door", content="Hello", status="published")
    assert published.status == 200 and "Through the front door" in published.text, published.text
    assert "Through the front door" in stack.visitor().ask("/blog/posts/").text


def test_upload_and_download(stack: Stack, member: Visitor) -> None:
    content = b"<script>alert(1)</script>" * 100_000
    page = member.send("/library/documents/new/", title="Paper", file=("paper.txt", content))
    assert page.status == 200, page.text
    path = re.search(r"/media/[^\"]+paper[^\"]*\.txt", page.text)
    assert path, page.text
    assert stack.visitor().ask(path[0]).status == 404, "it is its owner's alone"
    assert stack.visitor().ask(path[0].replace("/media/", "/media-files/")).status == 404
    download = member.ask(path[0])
    assert download.status == 200 and download.body == content
    download.is_secured()
    assert download.headers["Content-Disposition"] == "attachment"
    assert "sandbox" in download.headers["Content-Security-Policy"]
    assert download.headers["Content-Type"] == "application/octet-stream"


def test_post_by_the_api(stack: Stack, member: Visitor) -> None:
    client = stack.visitor()
    pair = client.send_json("/api/v1/auth/jwt/", {"username": "ada", "password": PASSWORD})
    assert pair.status == 200, pair.text
    pair.is_secured()
    for title in ("First", "By machine"):
        post = {"title": title, "content": "Hello", "status": "published", "tags": []}
        made = client.send_json("/api/v1/blog/posts/", post, token=pair.json["access"])
        assert made.status == 201, made.text
    listed = stack.visitor().ask("/api/v1/blog/posts/?page_size=1&ordering=-created_at")
    assert listed.status == 200 and [found["title"] for found in listed.json["results"]] == ["By machine"]
    assert listed.json["next"].startswith(f"{stack.address}/api/v1/blog/posts/?")
    assert stack.visitor().ask(f"/api/v1/blog/posts/{made.json['id']}/").json["content"] == "Hello"


def test_api_refuses_in_its_own_shape(stack: Stack) -> None:
    answer = stack.visitor().send_json("/api/v1/blog/posts/", {})
    assert answer.status == 401
    assert problem(answer) == ("client_error", "not_authenticated")
    answer.is_secured()


def test_docs_page_of_the_api(stack: Stack) -> None:
    page = stack.visitor().ask("/api/v1/docs/")
    assert page.status == 200, page.text
    page.is_secured()
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert files and all(stack.visitor().ask(path).status == 200 for path in files)


def test_what_only_the_database_refuses(stack: Stack, member: Visitor) -> None:
    """PostgreSQL knows neither this offset nor this character."""
    answer = member.ask("/api/v1/blog/posts/?updated_at__lte=2026-01-01T00:00:00%2B17:19")
    assert answer.status == 400
    assert problem(answer) == ("client_error", "parse_error")
    page = member.send("/library/documents/new/", title="NUL", file=("nul.txt", b"nul"), details=r'{"a": "\u0000"}')
    assert page.status == 400 and "<h1>" in page.text


def test_no_request_is_a_server_error(stack: Stack, member: Visitor) -> None:
    pair = stack.visitor().send_json("/api/v1/auth/jwt/", {"username": "ada", "password": PASSWORD})
    program = Path(sys.executable).with_name("schemathesis")
    command = [program, "--config-file", SCHEMATHESIS, "run", f"{stack.address}/api/v1/schema/"]
    command += ["--checks", "not_a_server_error", "--phases", "fuzzing", "--rate-limit", "9/s"]
    command += ["--header", f"Authorization: Bearer {pair.json['access']}"]
    said = run(command, cwd=stack.project, env=machine_environment(), timeout=280).succeeded()
    tested = re.search(r"Tested: (\d+)", said.out)
    assert tested and int(tested[1]) >= 20, said
    stack.has_lost_nobody()


def test_media_folder_cannot_be_listed(stack: Stack) -> None:
    assert stack.visitor().ask("/media/library/").status in (403, 404)


def test_forged_addresses_do_not_evade_the_lock_out(stack: Stack) -> None:
    statuses = []
    for attempt in range(6):
        forged = {"X-Forwarded-For": f"203.0.113.{attempt}", "X-Real-IP": f"203.0.113.{attempt}"}
        answer = stack.visitor().send("/accounts/login/", headers=forged, login="mallory", password="guess")
        statuses.append(answer.status)
    assert statuses[:4] == [200] * 4
    assert statuses[5] == 429


def test_forged_scheme_is_not_believed(stack: Stack) -> None:
    answer = stack.visitor().ask("/", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Strict-Transport-Security"] is None


def test_a_request_is_followed_by_its_id(stack: Stack, member: Visitor) -> None:
    draft = member.send("/blog/posts/new/", title="Followed", content="Hello", status="draft")
    published = member.send("/blog/posts/followed/", at="/blog/posts/followed/publish/")
    assert draft.status == published.status == 200
    request = json.loads(
        next(line for line in stack.log("nginx").splitlines() if '"path":"/blog/posts/followed/publish/"' in line)
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", request["address"])
    (view,) = [line for line in lines(stack.log("web"), request["request_id"]) if line["event"] == "request_finished"]
    assert view["request"] == "POST /blog/posts/followed/publish/" and view["user_id"]
    done, deadline = [], time.monotonic() + 60
    while not done and time.monotonic() < deadline:
        told = lines(stack.log("worker"), request["request_id"])
        done = [line for line in told if line["event"] == "task_succeeded"]
        assert not [line for line in told if line["level"] == "error"], told
    assert done[0]["user_id"] == view["user_id"]


def lines(log: str, request_id: str) -> list[dict[str, Any]]:
    """Return the lines of a log that belong to a request."""
    found = [json.loads(line) for line in log.splitlines() if line.startswith("{") and request_id in line]
    return [line for line in found if line["request_id"] == request_id]


def test_logs_hold_no_query_password_or_cookie(stack: Stack, member: Visitor) -> None:
    assert member.ask("/?seen=in-the-log").status == 200
    told = "".join(stack.log(service) for service in ("nginx", "web", "worker", "beat"))
    for secret in ["in-the-log", PASSWORD, *(cookie.value for cookie in member.jar if cookie.value)]:
        assert secret not in told


def test_staff_sees_the_timing_through_nginx(stack: Stack, member: Visitor) -> None:
    assert "Server-Timing" not in member.ask("/").headers
    change = "from accounts.models import CustomUser; CustomUser.objects.filter(username='ada').update(is_staff={})"
    shell = ("exec", "web", "python", "manage.py", "shell", "--no-imports", "-c")
    stack.docker_compose(*shell, change.format(True)).succeeded()
    assert re.fullmatch(r"total;dur=[\d.]+, db;dur=[\d.]+", member.ask("/").headers["Server-Timing"])
    stack.docker_compose(*shell, change.format(False)).succeeded()


def test_logins_at_once(stack: Stack) -> None:
    """Each takes memory for its hash while the others do; those above the limit are told so."""
    time.sleep(30)  # until Nginx has forgotten most of what this address has sent

    def log_in(number: int) -> Answer:
        return stack.visitor().send("/accounts/login/", login=f"user{number}", password=PASSWORD)

    statuses = at_once(log_in, 20)
    assert set(statuses) <= {200, 429} and statuses.count(200) >= 8, statuses
    stack.has_lost_nobody()


def test_guesses_are_limited(stack: Stack) -> None:
    visitor = stack.visitor()
    answers = [visitor.ask("/accounts/login/", b"login=x") for _ in range(40)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused and "Too many requests" in refused[-1].text
    assert refused[-1].headers["Retry-After"] == "60"
    refused[-1].is_secured()
    assert visitor.ask("/accounts/login/").status == 200, "reading the form is no guess"


def test_without_web_nginx_says_so_and_finds_it_again(stack: Stack) -> None:
    stack.docker_compose("stop", "web").succeeded()
    answer = stack.visitor().ask("/")
    assert answer.status in (502, 504) and "Temporarily unavailable" in answer.text
    answer.is_secured()
    api = stack.visitor().ask("/api/v1/blog/posts/")
    assert api.status in (502, 504)
    assert problem(api) == ("server_error", "unavailable")
    stack.docker_compose("up", "--wait").succeeded()
    assert stack.visitor().ask("/").status == 200


def scale(stack: Stack, number: int) -> None:
    """Let this many of web serve; Nginx looks for them every two seconds."""
    stack.docker_compose("up", "--wait", "--scale", f"web={number}", "--no-recreate").succeeded()
    time.sleep(3)


def test_three_of_web_are_one_site(stack: Stack, member: Visitor) -> None:
    scale(stack, 3)
    page = member.send("/library/documents/new/", title="Everywhere", file=("everywhere.txt", b"everywhere"))
    path = re.search(r"/media/[^\"]+everywhere[^\"]*\.txt", page.text)
    assert path, page.text
    names: set[str] = set()
    deadline = time.monotonic() + 30
    while len(names) < 3:
        assert time.monotonic() < deadline, names
        for _ in range(9):
            assert "Sign out" in member.ask("/accounts/profile/").text
            assert member.ask(path[0]).body == b"everywhere"
        answered = stack.docker_compose("logs", "--no-color", "web").succeeded().out.splitlines()
        # Compose may clear its own line in the middle of what it prints.
        names = {re.findall(r"web-\d+", line)[0] for line in answered if "/accounts/profile/" in line}
    statuses = [stack.visitor().ask("/api/v1/blog/posts/").status for _ in range(70)]
    assert set(statuses) == {200, 429} and statuses.count(200) <= 60
    scale(stack, 2)


def test_web_at_another_address_is_found(stack: Stack) -> None:
    stack.docker_compose("up", "--wait", "--no-deps", "--force-recreate", "web").succeeded()
    time.sleep(3)
    assert {stack.visitor().ask("/").status for _ in range(6)} == {200}


FULL_DISK = """
volumes:
  media:
    name: {name}
    driver: local
    driver_opts: {{type: tmpfs, device: tmpfs, o: "size=3m,uid=10001,gid=10001"}}
"""


def test_a_full_disk_cuts_no_upload(stack: Stack, member: Visitor) -> None:
    (stack.project / "full.yml").write_text(FULL_DISK.format(name=f"{stack.name}-full"))
    compose = [*stack.compose, "-f", "full.yml"]
    up = [*compose, "up", "--wait", "--no-deps", "--force-recreate", "web", "nginx"]
    run(up, cwd=stack.project, env=stack.environment, timeout=300).succeeded()
    time.sleep(3)
    sizes = [700_000, 900_000, 1_000_000, 1_100_000, 400_000, 800_000]
    statuses = []
    for number, size in enumerate(sizes):
        upload = (f"full{number}.txt", b"x" * size)
        got = member.send("/library/documents/new/", title=f"Full {number}", file=upload)
        statuses.append(got.status)
    listed = ["exec", "-T", "web", "find", "/app/media", "-name", "full*", "-printf", "%s\\n"]
    found = run([*compose, *listed], cwd=stack.project, env=stack.environment).succeeded().out.split()
    stack.docker_compose("up", "--wait", "--no-deps", "--force-recreate", "web", "nginx").succeeded()
    run(["docker", "volume", "rm", f"{stack.name}-full"], cwd=stack.project, env=stack.environment).succeeded()
    assert 2 <= len(found) < len(sizes) and set(map(int, found)) <= set(sizes), (found, statuses)


def test_stop_is_graceful(stack: Stack) -> None:
    began = time.monotonic()
    stack.docker_compose("stop", "web", "nginx").succeeded()
    assert time.monotonic() - began < 15
    log = stack.log("web")
    assert "Handling signal: term" in log and "SIGKILL" not in log
