from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import CustomUser
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

URL = reverse("accounts-api:session")
ME = reverse("accounts-api:me")


@pytest.fixture
def browser() -> APIClient:
    return APIClient(enforce_csrf_checks=True)


def csrf(browser: APIClient) -> dict[str, str]:
    """Return the header that a script makes of the cookie."""
    browser.get(URL)
    return {"HTTP_X_CSRFTOKEN": browser.cookies[settings.CSRF_COOKIE_NAME].value}


def log_in(browser: APIClient, user: CustomUser, **headers: str) -> Any:
    data = {CustomUser.USERNAME_FIELD: user.get_username(), "password": PASSWORD}
    return browser.post(URL, data, **headers)


def test_session_opens_the_api_and_the_pages(browser: APIClient) -> None:
    user = UserFactory.create()
    response = log_in(browser, user, **csrf(browser))
    assert response.status_code == 200
    assert response.json()["user"]["id"] == user.pk
    assert browser.get(ME).status_code == 200
    assert browser.get(reverse("accounts:profile")).status_code == 200


def test_session_of_the_pages_opens_the_api(client: Client) -> None:
    data = {"username": UserFactory.create().get_username(), "password": PASSWORD}
    client.post(reverse("accounts:login"), data)
    assert client.get(ME).status_code == 200


def test_session_says_who_is_logged_in(browser: APIClient) -> None:
    assert browser.get(URL).json()["user"] is None
    user = UserFactory.create()
    browser.force_login(user)
    assert browser.get(URL).json()["user"]["email"] == user.email


def test_csrf_token_stands_in_the_body_too(browser: APIClient) -> None:
    """Scripts of other origins cannot read the cookie."""
    token = browser.get(URL).json()["csrf_token"]
    response = log_in(browser, UserFactory.create(), HTTP_X_CSRFTOKEN=token)
    assert response.status_code == 200
    new = response.json()["csrf_token"]
    assert browser.delete(URL, HTTP_X_CSRFTOKEN=new).status_code == 204


def test_log_in_needs_the_csrf_token(browser: APIClient) -> None:
    response = log_in(browser, UserFactory.create())
    assert response.status_code == 403
    assert response["Content-Type"] == "application/problem+json"
    assert browser.get(ME).status_code == 401


@pytest.mark.parametrize(("method", "url"), [("patch", ME), ("delete", URL)])
def test_calls_need_the_csrf_token(browser: APIClient, method: str, url: str) -> None:
    user = UserFactory.create()
    browser.force_login(user)
    send = getattr(browser, method)
    assert send(url, {"first_name": "Ada"}).status_code == 403
    user.refresh_from_db()
    assert user.first_name == ""
    assert browser.get(ME).status_code == 200
    assert send(url, {"first_name": "Ada"}, **csrf(browser)).status_code < 300


def test_log_in_changes_session_and_csrf_token(browser: APIClient) -> None:
    session = browser.session.session_key  # of nobody
    headers = csrf(browser)
    response = log_in(browser, UserFactory.create(), **headers)
    assert response.cookies[settings.SESSION_COOKIE_NAME].value != session
    token = response.cookies[settings.CSRF_COOKIE_NAME].value
    assert token != headers["HTTP_X_CSRFTOKEN"]


def test_session_cookie_is_out_of_reach_of_scripts(browser: APIClient) -> None:
    response = log_in(browser, UserFactory.create(), **csrf(browser))
    cookie = response.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_log_out_ends_the_session(browser: APIClient) -> None:
    log_in(browser, UserFactory.create(), **csrf(browser))
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    assert browser.delete(URL, **csrf(browser)).status_code == 204
    assert browser.get(ME).status_code == 401
    browser.cookies[settings.SESSION_COOKIE_NAME] = session
    assert browser.get(ME).status_code == 401


def test_nobody_can_log_out(browser: APIClient) -> None:
    assert browser.delete(URL).status_code == 204


def test_session_of_an_inactive_user_ends(browser: APIClient) -> None:
    user = UserFactory.create()
    browser.force_login(user)
    user.is_active = False
    user.save()
    assert browser.get(ME).status_code == 401
    assert browser.get(URL).json()["user"] is None


def test_password_change_ends_other_sessions_alone(browser: APIClient) -> None:
    user = UserFactory.create()
    elsewhere = APIClient()
    for each in (browser, elsewhere):
        each.force_login(user)
    data = {"old_password": PASSWORD, "new_password": "staple-quilt-harbour"}
    response = browser.post(reverse("accounts-api:password"), data, **csrf(browser))
    assert response.status_code == 204
    assert browser.get(ME).status_code == 200
    assert elsewhere.get(ME).status_code == 401
