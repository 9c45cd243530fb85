"""Runs with the tests of a generated blog: faults that a site of this kind had, and must not have again."""

from pathlib import Path
from typing import Any

import pytest
from accounts.tests.factories import UserFactory
from accounts.tests.pages import browser, html, submit
from blog.models import Post
from blog.tests.factories import PostFactory
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, connection
from django.db.models import F, OrderBy
from django.db.models.functions import Lower
from django.forms import ModelForm
from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings
from rest_framework.test import APIClient
from shared.transactions import retry_on_conflict

pytestmark = pytest.mark.django_db

POSTS = "/api/v1/blog/posts/"
LETTERS = ["தமிழ்", "తెలుగు", "ไทย", "한국어", "العربية", "Ελληνικά"]


def api(user: Any = None) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.mark.parametrize("title", LETTERS)
def test_titles_of_every_script_are_taken(title: str) -> None:
    user = UserFactory.create()
    values = {"title": title, "content": title, "status": "draft"}
    assert submit(browser(user), "/blog/posts/new/", **values).status_code == 302
    assert api(user).post(POSTS, values).status_code == 201
    slugs = set(Post.objects.values_list("slug", flat=True))
    assert len(slugs - {""}) == 2
    for post in Post.objects.all():
        assert title in html(browser(user), post.get_absolute_url()).xpath("string(//h1)")


def test_the_schema_allows_what_is_taken(client: Client) -> None:
    schemas = client.get("/api/v1/schema/").json()["components"]["schemas"]
    for name in ("PostRequest", "TagRequest"):
        for field in schemas[name]["properties"].values():
            assert "pattern" not in field


def test_docs_are_not_kept_by_browsers(client: Client) -> None:
    for page in ("/api/v1/schema/", "/api/v1/docs/"):
        assert "max-age" not in client.get(page).headers.get("Cache-Control", "")


@pytest.mark.parametrize(
    "ordering",
    [
        ["author__username"],
        ["-status", "title"],
        [Lower("title")],
        [OrderBy(F("published_at"), nulls_last=True), "title"],
        [],
    ],
    ids=str,
)
def test_lists_follow_any_ordering(monkeypatch: pytest.MonkeyPatch, ordering: list[Any]) -> None:
    monkeypatch.setattr(Post._meta, "ordering", ordering)
    PostFactory.create_batch(25, public=True)
    pages = [api().get(POSTS, {"page": number}).json()["results"] for number in (1, 2)]
    assert len({row["id"] for page in pages for row in page}) == 25
    if ordering:
        shown = [link for number in "12" for link in html(browser(), "/blog/posts/", page=number).xpath("//h2/a/@href")]
        assert len(shown) == 25


def test_a_date_in_the_future_is_refused_as_all_else_is() -> None:
    refused = api(UserFactory.create()).patch("/api/v1/accounts/me/", {"profile": {"date_of_birth": "2999-01-01"}})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["attr"] == "profile.date_of_birth"


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
@pytest.mark.parametrize("page", ["/accounts/password/reset/", "/accounts/signup/"])
def test_no_email_bears_what_a_request_calls_the_host(email: str, page: str) -> None:
    UserFactory.create(email="ann@example.com")
    client = Client(headers={"host": "testserver:1337"})
    values = {"email": email}
    if "signup" in page:
        values |= {"username": "eve", "password1": "another-horse", "password2": "another-horse"}
    assert submit(client, page, **values).status_code == 302
    (sent,) = mail.outbox
    assert "testserver" not in sent.message().as_string()


def test_emails_are_sent_as_html_too_once_they_have_a_template(tmp_path: Path) -> None:
    template = tmp_path / "account/email/password_reset_code_message.html"
    template.parent.mkdir(parents=True)
    template.write_text("<p>{{ code }}</p>", encoding="utf-8")
    UserFactory.create(email="ann@example.com")
    engine = settings.TEMPLATES[0] | {"DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}
    with override_settings(TEMPLATES=[engine]):
        submit(Client(), "/accounts/password/reset/", email="ann@example.com")
    (sent,) = mail.outbox
    (part,) = sent.alternatives
    assert part.mimetype == "text/html"
    assert part.content.removeprefix("<p>").removesuffix("</p>") in sent.body


def test_an_unknown_host_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert Client(headers={"host": "elsewhere.example"}).get("/").status_code == 400
    (record,) = caplog.records
    assert "elsewhere.example" in record.getMessage() and not record.exc_info


def test_a_form_is_saved_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_form: ModelForm) -> None:
        raise ConnectionError

    monkeypatch.setattr(ModelForm, "_save_m2m", fail)
    with pytest.raises(ConnectionError):
        submit(browser(UserFactory.create()), "/blog/posts/new/", title="Half", content="Half")
    assert not Post.objects.exists()


def test_what_the_database_refuses_on_a_page_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_form: ModelForm) -> None:
        raise IntegrityError("no such row")

    monkeypatch.setattr(ModelForm, "_save_m2m", refuse)
    client = browser(UserFactory.create())
    client.raise_request_exception = False
    assert submit(client, "/blog/posts/new/", title="Half", content="Half").status_code == 400
    assert "IntegrityError: no such row" in caplog.text


@pytest.mark.parametrize(("values", "times"), [({}, 2), ({"file": SimpleUploadedFile("a.txt", b"a")}, 1)])
def test_a_form_with_a_file_is_not_sent_again(values: dict[str, Any], times: int) -> None:
    tried = []

    @retry_on_conflict
    def view(request: HttpRequest) -> None:
        tried.append(request)
        raise IntegrityError

    with pytest.raises(IntegrityError):
        view(RequestFactory().post("/", values))
    assert len(tried) == times


@pytest.mark.parametrize("path", ["/blog/posts/", "/admin/login/", POSTS])
def test_without_the_database_a_page_is_away_for_a_while(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    def refuse() -> None:
        raise OperationalError("password hunter2 was refused")

    user = UserFactory.create()
    client: Client = api(user) if path == POSTS else browser(user)
    client.raise_request_exception = False
    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get(path)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "hunter2" not in response.content.decode()
    if path == POSTS:
        assert response.json()["errors"][0]["code"] == "unavailable"
