"""The preset `full` as it would run on a server, seen through Nginx."""

import gzip
import re
import time
from pathlib import Path

import pytest

from containers.conftest import MakeStack
from containers.stack import Stack
from containers.visitor import Answer, Visitor
from support.commands import run

PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="module")
def stack(make_stack: MakeStack, answers: Path) -> Stack:
    stack = make_stack("--answers", str(answers))
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
    assert services == {"nginx", "web", "postgres", "redis"}
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
    image = f"{stack.project.name}-{service}:local"
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


@pytest.mark.parametrize("path", ["/static/nowhere.css", "/media/nowhere.png"])
def test_error_page_of_nginx(stack: Stack, path: str) -> None:
    answer = stack.visitor().ask(path)
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


@pytest.mark.parametrize("path", ["/nowhere/", "/static/nowhere.css", "/media/nowhere.png", "/media/../etc/passwd"])
def test_not_found(stack: Stack, path: str) -> None:
    answer = stack.visitor().ask(path)
    assert answer.status in (400, 404)
    answer.is_secured()


def test_too_large_a_body(stack: Stack) -> None:
    answer = stack.visitor().ask("/accounts/login/", b"x" * (26 * 1024 * 1024))
    assert answer.status == 413
    assert "Too much to send" in answer.text
    answer.is_secured()


def test_too_large_a_body_for_the_api(stack: Stack) -> None:
    answer = stack.visitor().ask("/api/v1/blog/posts/", b"x" * (26 * 1024 * 1024))
    assert answer.status == 413
    answer.is_secured()
    assert problem(answer) == ("client_error", "too_large")


@pytest.mark.parametrize("probe", ["live", "ready"])
def test_health(stack: Stack, probe: str) -> None:
    answer = stack.visitor().ask(f"/health/{probe}/")
    assert (answer.status, answer.text) == (200, "ok")


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
    published = member.send("/blog/post/new/", title="Through the front door", content="Hello", status="published")
    assert published.status == 200 and "Through the front door" in published.text, published.text
    assert "Through the front door" in stack.visitor().ask("/blog/posts/").text


def test_upload_and_download(stack: Stack, member: Visitor) -> None:
    content = b"<script>alert(1)</script>" * 100_000
    page = member.send("/library/document/new/", title="Paper", file=("paper.txt", content))
    assert page.status == 200, page.text
    path = re.search(r"/media/[^\"]+paper[^\"]*\.txt", page.text)
    assert path, page.text
    download = stack.visitor().ask(path[0])
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


def test_access_log_has_the_client_and_the_request(stack: Stack) -> None:
    request = stack.visitor().ask("/?seen=in-the-log").headers["X-Request-ID"]
    log = stack.log("web")
    line = next(line for line in log.splitlines() if line.endswith(request))
    assert re.search(r'^\d+\.\d+\.\d+\.\d+ \[[^]]+\] "GET /" 200 ', line), line
    (told,) = [line for line in stack.log("nginx").splitlines() if request in line]
    assert '"path":"/","status":200' in told
    assert "in-the-log" not in log + stack.log("nginx"), "a query may hold what nobody else should read"


def test_guesses_are_limited(stack: Stack) -> None:
    visitor = stack.visitor()
    answers = [visitor.ask("/accounts/login/", b"login=x") for _ in range(40)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused and "Too many requests" in refused[-1].text
    refused[-1].is_secured()
    assert visitor.ask("/accounts/login/").status == 200, "reading the form is no guess"


def test_without_web_nginx_says_so_and_finds_it_again(stack: Stack) -> None:
    stack.docker_compose("stop", "web").succeeded()
    answer = stack.visitor().ask("/")
    assert answer.status in (502, 504) and "Back in a moment" in answer.text
    answer.is_secured()
    api = stack.visitor().ask("/api/v1/blog/posts/")
    assert api.status in (502, 504)
    assert problem(api) == ("server_error", "unavailable")
    stack.docker_compose("up", "--wait").succeeded()
    assert stack.visitor().ask("/").status == 200


def test_stop_is_graceful(stack: Stack) -> None:
    began = time.monotonic()
    stack.docker_compose("stop", "web", "nginx").succeeded()
    assert time.monotonic() - began < 15
    log = stack.log("web")
    assert "Handling signal: term" in log and "SIGKILL" not in log
