from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client


class Form:
    def __init__(self, action: str) -> None:
        self.action = action
        self.names: set[str] = set()  # of all fields and buttons
        self.data: dict[str, list[str]] = {}  # what is sent as it stands


class FormParser(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.name = ""  # of the select or textarea that is open
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attr = {name: value or "" for name, value in attrs}
        name = attr.get("name", "")
        if tag == "form":
            self.forms.append(Form(attr.get("action", "")))
        elif tag == "option" and "selected" in attr:
            self.forms[-1].data[self.name].append(attr["value"])
        elif name and tag in ("button", "input", "select", "textarea"):
            form, kind = self.forms[-1], attr.get("type")
            form.names.add(name)
            if tag in ("select", "textarea"):
                self.name, form.data[name] = name, []
            elif tag == "input" and kind in ("checkbox", "radio"):
                form.data.setdefault(name, [])
                if "checked" in attr:
                    form.data[name].append(attr.get("value", "on"))
            elif tag == "input" and kind != "submit":
                form.data.setdefault(name, []).append(attr.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "textarea":
            self.forms[-1].data[self.name].append(data.removeprefix("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            text = "".join(self.forms[-1].data[self.name])
            self.forms[-1].data[self.name] = [text]
            self.lasttag = ""


def submit(client: Client, url: str, **values: Any) -> HttpResponse:
    """Fill in the form of a page that has all these fields, and send it."""
    page = client.get(url, follow=True)
    here = page.redirect_chain[-1][0] if page.redirect_chain else url
    for form in FormParser(page.text).forms:
        if values.keys() <= form.names:
            return client.post(form.action or here, form.data | values)
    raise AssertionError(f"{url} has no form with {', '.join(values)}")
