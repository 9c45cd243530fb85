"""HTTPS that ends at Nginx, and HTTPS that a load balancer ends."""

import json
import re
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from containers.authority import VALIDITY, Authority
from containers.conftest import MakeStack
from containers.stack import Stack
from containers.visitor import Visitor
from support.commands import run

# What is tried here needs neither workers nor a cache.
SMALL = ["--preset", "standard", "--with", "docker,nginx"]


@pytest.fixture(scope="module")
def terminating(make_stack: MakeStack) -> Stack:
    # Elsewhere the worker is Celery's.
    stack = make_stack(*SMALL, "--with", "tasks", "--set", "nginx.tls=terminate", scheme="https")
    stack.first_try()
    return stack


@pytest.fixture(scope="module")
def certificate(terminating: Stack) -> Path:
    return terminating.project / "deploy/tls/certificate.pem"


def test_page_by_https(terminating: Stack, certificate: Path) -> None:
    page = terminating.visitor(certificate).ask("/")
    assert page.status == 200
    page.is_secured()
    assert page.headers.get_all("Strict-Transport-Security") == ["max-age=3600; includeSubDomains"]


def test_http2(terminating: Stack, certificate: Path) -> None:
    command = ["curl", "--silent", "--show-error", "--noproxy", "*", "--http2", "--cacert", certificate]
    shown = run([*command, "--head", terminating.address], cwd=Path("/"), env=terminating.environment).succeeded()
    assert shown.out.startswith("HTTP/2 200"), shown


@pytest.mark.parametrize("version", ["--tlsv1.2", "--tlsv1.3"])
def test_tls_version(terminating: Stack, certificate: Path, version: str) -> None:
    limits = [version, "--tls-max", version.removeprefix("--tlsv")]
    command = ["curl", "--silent", "--show-error", "--noproxy", "*", *limits, "--cacert", certificate]
    run([*command, terminating.address], cwd=Path("/"), env=terminating.environment).succeeded()


def test_old_tls_is_refused(terminating: Stack, certificate: Path) -> None:
    command = ["curl", "--silent", "--noproxy", "*", "--tls-max", "1.1", "--cacert", certificate, terminating.address]
    assert run(command, cwd=Path("/"), env=terminating.environment).code != 0


def test_plain_http_is_sent_to_https(terminating: Stack) -> None:
    answer = Visitor(f"http://localhost:{terminating.ports['HTTP_PORT']}").ask("/blog/posts/?page=1", follow=False)
    assert answer.status == 301
    assert answer.headers["Location"] == f"{terminating.address}/blog/posts/?page=1"
    answer.is_secured()


def test_nobody_is_sent_to_another_host(terminating: Stack) -> None:
    plain = Visitor(f"http://localhost:{terminating.ports['HTTP_PORT']}")
    answer = plain.ask("/", headers={"Host": "evil.example.com"}, follow=False)
    assert answer.status == 400
    answer.is_secured()


def test_renewed_certificate_is_served_after_a_reload(terminating: Stack, certificate: Path) -> None:
    make, *_ = terminating.documented("Try production on this machine")
    certificate.rename(certificate.with_name("former.pem"))
    terminating.shell(make).succeeded()
    reload = re.search(r"After a renewal, run `([^`]+)`", (terminating.project / "README.md").read_text())
    assert reload
    terminating.shell(reload[1]).succeeded()
    time.sleep(1)
    assert terminating.visitor(certificate).ask("/").status == 200


def test_form_by_https(terminating: Stack, certificate: Path) -> None:
    visitor = terminating.visitor(certificate)
    answer = visitor.send("/accounts/login/", login="nobody", password="wrong")
    assert answer.status == 200 and "csrfmiddlewaretoken" in answer.text
    cookie = visitor.ask("/accounts/login/").headers["Set-Cookie"]
    assert "Secure" in cookie


@pytest.fixture(scope="module")
def balanced(make_stack: MakeStack) -> Stack:
    stack = make_stack(*SMALL, "--with", "i18n", "--set", "nginx.tls=upstream")
    stack.first_try()
    return stack


def gateway(stack: Stack) -> str:
    """Return the address that requests of this machine come from."""
    nginx = next(one for one in stack.containers() if one["Config"]["Labels"]["com.docker.compose.service"] == "nginx")
    (network,) = nginx["NetworkSettings"]["Networks"].values()
    return network["Gateway"]


def client(stack: Stack, request: str) -> str:
    """Return whose request it was, as Nginx's log says it."""
    line = next(line for line in stack.log("nginx").splitlines() if request in line)
    return json.loads(line)["address"]


def test_balancer_says_how_and_who(balanced: Stack) -> None:
    networks = f"192.0.2.0/24,{gateway(balanced)}/32"
    balanced.docker_compose("up", "--wait", "nginx", BALANCER_NETWORKS=networks).succeeded()
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
    page = balanced.visitor().ask("/", headers=headers)
    assert page.status == 200
    page.is_secured()
    assert page.headers.get_all("Strict-Transport-Security") == ["max-age=3600; includeSubDomains"]
    request = page.headers["X-Request-ID"]
    # The balancer appended the last address; what came before it is hearsay.
    assert client(balanced, request) == "203.0.113.7"


def test_translations_are_compiled_in_the_image(balanced: Stack) -> None:
    headers = {"X-Forwarded-Proto": "https", "Accept-Language": "de"}
    assert "Anmelden" in balanced.visitor().ask("/", headers=headers).text


def test_plain_http_at_the_balancer_is_sent_to_https(balanced: Stack) -> None:
    answer = balanced.visitor().ask("/", headers={"X-Forwarded-Proto": "http"}, follow=False)
    assert answer.status == 301 and answer.headers["Location"].startswith("https://")


def test_others_than_the_balancer_are_not_believed(balanced: Stack) -> None:
    balanced.docker_compose("up", "--wait", "nginx", BALANCER_NETWORKS="192.0.2.0/24,198.51.100.0/24").succeeded()
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    answer = balanced.visitor().ask("/", headers=headers, follow=False)
    assert answer.status == 301, "X-Forwarded-Proto of a stranger was believed"
    request = answer.headers["X-Request-ID"]
    assert client(balanced, request) != "203.0.113.7"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    authority = Authority(tmp_path_factory.mktemp("authority"))
    yield authority
    authority.end()


@pytest.fixture(scope="module")
def certified(make_stack: MakeStack, authority: Authority) -> Stack:
    """A site whose certificate comes from an ACME server on this machine."""
    stack = make_stack(*SMALL, "--set", "nginx.tls=acme", scheme="https")
    authority.start(stack.ports["HTTP_PORT"])
    (stack.project / "authority.yml").write_text(authority.override(), encoding="utf-8")
    stack.compose = [*stack.compose, "-f", "authority.yml"]
    stack.shell("\n".join(stack.documented("### On a server"))).succeeded()
    stack.set("ALLOWED_HOSTS", "site.example.com,www.example.com")
    stack.set("EMAIL_URL", "consolemail://")
    stack.set("DEFAULT_FROM_EMAIL", "noreply@example.com")
    stack.set("ACME_SERVER", authority.directory)
    stack.docker_compose("up", "--build", "--wait").succeeded()
    return stack


def certificate_of(stack: Stack, authority: Authority, name: str) -> dict[str, Any]:
    """Return what is served for `name`, once the authority's certificate is."""
    context = ssl.create_default_context(cadata=authority.root)
    deadline = time.monotonic() + 60
    while True:
        try:
            with (
                socket.create_connection(("127.0.0.1", int(stack.ports["HTTPS_PORT"])), timeout=5) as plain,
                context.wrap_socket(plain, server_hostname=name) as secured,
            ):
                return secured.getpeercert() or {}
        except OSError:
            assert time.monotonic() < deadline, stack.log("certbot")
            time.sleep(0.5)


def test_certificate_comes_and_is_renewed_without_a_restart(certified: Stack, authority: Authority) -> None:
    first = certificate_of(certified, authority, "site.example.com")
    assert {name for _, name in first["subjectAltName"]} == {"site.example.com", "www.example.com"}
    nginx = certified.docker_compose("ps", "--quiet", "nginx").succeeded().out
    time.sleep(VALIDITY / 2 + 1)
    # It looks when it starts, and twice a day.
    certified.docker_compose("restart", "certbot").succeeded()
    deadline = time.monotonic() + 60
    while (second := certificate_of(certified, authority, "www.example.com"))["serialNumber"] == first["serialNumber"]:
        assert time.monotonic() < deadline, certified.log("certbot")
        time.sleep(0.5)
    assert second["notAfter"] >= first["notAfter"]
    assert certified.docker_compose("ps", "--quiet", "nginx").succeeded().out == nginx


def test_a_name_more_is_in_the_next_certificate(certified: Stack, authority: Authority) -> None:
    certified.set("ALLOWED_HOSTS", "site.example.com,shop.example.com")
    certified.docker_compose("up", "--detach", "certbot").succeeded()
    served = certificate_of(certified, authority, "shop.example.com")
    assert {name for _, name in served["subjectAltName"]} == {"site.example.com", "shop.example.com"}


def test_page_with_that_certificate(certified: Stack, authority: Authority, tmp_path: Path) -> None:
    certificate_of(certified, authority, "site.example.com")
    (tmp_path / "root.pem").write_text(authority.root)
    port = certified.ports["HTTPS_PORT"]
    command = ["curl", "--silent", "--show-error", "--noproxy", "*", "--cacert", tmp_path / "root.pem", "--head"]
    command += ["--resolve", f"site.example.com:{port}:127.0.0.1", f"https://site.example.com:{port}/"]
    assert run(command, cwd=tmp_path, env=certified.environment).succeeded().out.startswith("HTTP/2 200")
    plain = Visitor(f"http://localhost:{certified.ports['HTTP_PORT']}")
    answer = plain.ask("/blog/posts/", headers={"Host": "site.example.com"}, follow=False)
    assert answer.headers["Location"] == f"https://site.example.com:{port}/blog/posts/"
