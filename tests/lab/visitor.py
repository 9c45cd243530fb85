"""A visitor of a site that really serves."""

import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar


class Visitor:
    """Somebody with cookies, who reads pages and sends forms."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def ask(self, path: str, data: bytes | None = None, **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(self.address + path, data, {"Referer": self.address, **headers})
        try:
            with self.opener.open(request, timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def send(self, path: str, target: str = "", **values: str) -> tuple[int, str]:
        """Send the form of a page to that page, or to `target`."""
        page = self.ask(path)[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **values}).encode()
        return self.ask(target or path, data)

    def log_in(self, name: str, password: str) -> int:
        return self.send("/accounts/login/", login=name, password=password)[0]
