"""Email by a provider's API: each provider's settings load, one takes a message, and SMTP stays as it was."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from lab.checks import Bench
from lab.conftest import MakeBench
from support.smtp import MailServer

# What each needs, by Anymail's documentation.
NEEDED = {
    "brevo": ["API_KEY"],
    "mailersend": ["API_TOKEN"],
    "mailgun": ["API_KEY"],
    "mailjet": ["API_KEY", "SECRET_KEY"],
    "mailtrap": ["API_TOKEN"],
    "mandrill": ["API_KEY"],
    "postmark": ["SERVER_TOKEN"],
    "resend": ["API_KEY"],
    "scaleway": ["SECRET_KEY", "PROJECT_ID"],
    "sendgrid": ["API_KEY"],
    "sparkpost": ["API_KEY"],
}
LOAD = """
import environ
from config.settings.base import _PROVIDERS
from django.utils.module_loading import import_string
for name in _PROVIDERS.split():
    print(type(import_string(environ.Env.EMAIL_SCHEMES[name])()).__module__)
"""
SEND = "from django.core.mail import send_mail; send_mail('Hello', 'you', None, ['ada@example.org'])"


@pytest.fixture(scope="module", params=["5.2", "6.1"])
def bench(request: pytest.FixtureRequest, make_bench: MakeBench) -> Bench:
    return make_bench("--preset", "minimal", "--with", "email", line=request.param)


class Provider(ThreadingHTTPServer):
    """Takes in what Postmark would."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Intake)
        self.taken: list[tuple[str, dict]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"
        Thread(target=self.serve_forever, daemon=True).start()


class Intake(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.taken.append((self.headers["X-Postmark-Server-Token"], body))
        self.send_response(200)
        self.end_headers()
        answer = {"ErrorCode": 0, "Message": "OK", "MessageID": "1", "To": "ada@example.org", "SubmittedAt": ""}
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.shutdown()
    provider.server_close()


def test_settings_of_every_provider_load(bench: Bench) -> None:
    variables = {f"ANYMAIL_{name.upper()}_{value}": "something" for name, values in NEEDED.items() for value in values}
    told = bench.manage("shell", "--no-imports", "-c", LOAD, **variables).succeeded()
    assert told.out.split() == [f"anymail.backends.{name}" for name in NEEDED]


def test_a_provider_takes_a_message(bench: Bench, provider: Provider) -> None:
    variables = {"ANYMAIL_POSTMARK_SERVER_TOKEN": "the-token", "ANYMAIL_POSTMARK_API_URL": provider.url}
    bench.manage("shell", "--no-imports", "-c", SEND, EMAIL_URL="postmark://", **variables).succeeded()
    ((token, message),) = provider.taken
    assert token == "the-token"
    assert (message["Subject"], message["To"]) == ("Hello", "ada@example.org")


def test_smtp_stays(bench: Bench) -> None:
    server = MailServer()
    bench.manage("shell", "--no-imports", "-c", SEND, EMAIL_URL=server.url).succeeded()
    assert [message["Subject"] for message in server.to("ada@example.org")] == ["Hello"]
    server.shutdown()
    server.server_close()


def test_an_unknown_provider_is_named(bench: Bench) -> None:
    failed = bench.manage("check", EMAIL_URL="pigeon://")
    assert failed.code != 0 and "pigeon" in failed.output
