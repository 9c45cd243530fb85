from typing import Any

from django.http import HttpResponse
from django.test import Client
from lxml.html import FormElement, HtmlElement, fromstring

from accounts.models import CustomUser


def browser(user: CustomUser | None = None) -> Client:
    client = Client(enforce_csrf_checks=True)
    if user:
        client.force_login(user)
    return client


def html(client: Client, url: str, /, **query: str) -> HtmlElement:
    response = client.get(url, query, follow=True)
    assert response.status_code == 200, response.status_code
    page = parsed(response)
    assert not page.xpath("//label[not(@for)][not(.//select)]")
    return page


def parsed(response: HttpResponse) -> HtmlElement:
    """Parse a page and check its labels, and that no value is "None"."""
    page = fromstring(response.text)
    named = page.xpath("//label[not(.//select)]/@for | //button/@form")
    assert set(named) <= set(page.xpath("//@id"))
    assert not page.xpath("//dd[normalize-space()='None']")
    return page


def submit(client: Client, url: str, /, **values: Any) -> HttpResponse:
    """Fill in the form that has these fields, and submit it as rendered."""
    response = client.get(url, follow=True)
    here = response.redirect_chain[-1][0] if response.redirect_chain else url
    for form in reversed(parsed(response).forms):
        if values.keys() <= set(form.xpath(".//@name")):
            assert form.method == "POST"
            return client.post(form.get("action") or here, filled(form) | values)
    raise AssertionError(f"{url} has no form with {', '.join(values)}")


def filled(form: FormElement) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    return data
