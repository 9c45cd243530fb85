"""Somebody at the site: keeps cookies, fills forms, and shows each answer as it came."""

import json
import re
import ssl
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode

# What no answer lacks and none has twice, whoever gave it.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes
    address: str

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_secured(self) -> None:
        for name, value in SECURITY_HEADERS.items():
            assert self.headers.get_all(name) == [value], f"{self.address}: {name} is {self.headers.get_all(name)}"
        for name in ("Content-Security-Policy", "X-Request-ID"):
            assert len(self.headers.get_all(name) or []) == 1, f"{self.address}: {name}"
        assert self.headers["Server"] == "nginx"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Visitor:
    def __init__(self, address: str, context: ssl.SSLContext | None = None) -> None:
        self.address = address
        self.jar = CookieJar()
        handlers = [
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(self.jar),
            *([urllib.request.HTTPSHandler(context=context)] if context else []),
        ]
        self.follows = urllib.request.build_opener(*handlers)
        self.stays = urllib.request.build_opener(*handlers, NoRedirect())

    def ask(
        self,
        path: str,
        data: bytes | None = None,
        *,
        follow: bool = True,
        method: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        request = urllib.request.Request(f"{self.address}{path}", data, headers or {}, method=method)
        try:
            with (self.follows if follow else self.stays).open(request, timeout=40) as got:
                return Answer(got.status, got.headers, got.read(), got.url)
        except urllib.error.HTTPError as got:
            with got:
                return Answer(got.code, got.headers, got.read(), got.url)

    def send(self, path: str, *, headers: dict[str, str] | None = None, at: str | None = None, **fields: Any) -> Answer:
        """Open a page and send its form, with its token, from this site."""
        page = self.ask(path)
        assert page.status == 200, f"{path}: {page.status}"
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, f"{path} has no form"
        body, kind = encoded({"csrfmiddlewaretoken": token[1], **fields})
        sent = {"Content-Type": kind, "Origin": self.address, "Referer": page.address, **(headers or {})}
        return self.ask(at or path, body, headers=sent)

    def send_json(self, path: str, value: Any, *, method: str = "POST", token: str = "") -> Answer:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.ask(path, json.dumps(value).encode(), method=method, headers=headers)


def encoded(fields: dict[str, Any]) -> tuple[bytes, str]:
    """Return a form's body and its type; a pair of a name and bytes is a file."""
    if not any(isinstance(value, tuple) for value in fields.values()):
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"
    boundary = uuid.uuid4().hex
    parts = []
    for name, value in fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, tuple):
            head += f'; filename="{value[0]}"\r\nContent-Type: application/octet-stream'
        parts.append(head.encode() + b"\r\n\r\n" + (value[1] if isinstance(value, tuple) else str(value).encode()))
    return b"\r\n".join(parts) + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
