import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "staple-quilt-harbour"


def ask_for_reset(client: Client, email: str) -> Any:
    return client.post(reverse("accounts:password-reset"), {"email": email})


def reset_link() -> str:
    found = re.search(r"https?://\S+", str(mail.outbox[0].body))
    assert found
    return urlsplit(found.group()).path


def follow_reset_link(client: Client) -> Any:
    form = client.get(reset_link())["Location"]  # the token moves into the session
    data = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    return client.post(form, data)


def test_password_change_ends_other_sessions(client: Client) -> None:
    user = UserFactory.create()
    elsewhere = Client()
    for each in (client, elsewhere):
        each.force_login(user)

    data = {
        "old_password": PASSWORD,
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    }
    client.post(reverse("accounts:password-change"), data)

    profile = reverse("accounts:profile")
    assert client.get(profile).status_code == 200
    assert elsewhere.get(profile).status_code == 302


def test_password_change_needs_the_old_password(client: Client) -> None:
    user = UserFactory.create()
    client.force_login(user)
    data = {
        "old_password": "wrong",
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    }
    response = client.post(reverse("accounts:password-change"), data)
    assert "old_password" in response.context["form"].errors
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_forgotten_password_is_reset_by_email(client: Client) -> None:
    user = UserFactory.create()
    elsewhere = Client()
    elsewhere.force_login(user)

    ask_for_reset(client, user.email.upper())
    response = follow_reset_link(client)

    assert response["Location"] == reverse("accounts:password-reset-complete")
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    assert elsewhere.get(reverse("accounts:profile")).status_code == 302
    assert not client.get(reset_link()).context["validlink"]


def test_reset_lifts_the_lock_out(client: Client) -> None:
    user = UserFactory.create(email="Ada@example.com")
    url = reverse("accounts:login")
    data = {"username": user.get_username(), "password": "wrong"}
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = client.post(url, data)
    assert response.status_code == 429

    ask_for_reset(client, user.email)
    follow_reset_link(client)
    response = client.post(url, data | {"password": NEW_PASSWORD})
    assert response["Location"] == reverse("home")


def test_reset_does_not_tell_who_is_registered(client: Client) -> None:
    user = UserFactory.create()
    known = ask_for_reset(client, user.email)
    unknown = ask_for_reset(client, "unknown@example.com")

    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]
    assert known.content == unknown.content
    assert [message.to for message in mail.outbox] == [
        [user.email],
        ["unknown@example.com"],
    ]
    assert mail.outbox[0].subject == mail.outbox[1].subject
    assert "http" not in str(mail.outbox[1].body)


def test_inactive_user_gets_no_reset_link(client: Client) -> None:
    ask_for_reset(client, UserFactory.create(is_active=False).email)
    assert "http" not in str(mail.outbox[0].body)
