import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"


def save_profile(client: Client, **changes: str) -> Any:
    data = {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone_number": "+4915112345678",
        "bio": "Wrote the first program.",
        "date_of_birth": "1915-12-10",
    }
    return client.post(reverse("accounts:profile"), data | changes)


def test_profile_needs_log_in(client: Client) -> None:
    url = reverse("accounts:profile")
    assert client.get(url)["Location"] == f"{reverse('accounts:login')}?next={url}"
    assert save_profile(client).status_code == 302


def test_user_edits_account_and_profile(client: Client) -> None:
    user = UserFactory.create()
    client.force_login(user)
    response = save_profile(client)
    assert response["Location"] == reverse("accounts:profile")
    user.refresh_from_db()
    assert user.get_full_name() == "Ada Lovelace"
    assert user.phone_number == "+4915112345678"
    assert user.profile.bio == "Wrote the first program."
    assert user.profile.date_of_birth == datetime.date(1915, 12, 10)


def test_user_edits_nobody_else(client: Client) -> None:
    user, other = UserFactory.create_batch(2)
    client.force_login(user)
    save_profile(client, user=str(other.pk), pk=str(other.pk), id=str(other.pk))
    other.refresh_from_db()
    assert other.first_name == ""
    assert other.profile.bio == ""


def test_rights_and_email_are_not_in_the_form(client: Client) -> None:
    user = UserFactory.create(email="own@example.com")
    client.force_login(user)
    save_profile(client, is_staff="on", is_superuser="on", email="new@example.com")
    user.refresh_from_db()
    assert (user.email, user.is_staff, user.is_superuser) == (
        "own@example.com",
        False,
        False,
    )


@pytest.mark.parametrize(
    "number", ["015112345678", "+0123456789", "+49 151 12345678", "+1234567890123456"]
)
def test_phone_number_is_international(client: Client, number: str) -> None:
    client.force_login(UserFactory.create())
    response = save_profile(client, phone_number=number)
    assert "phone_number" in response.context["forms"][0].errors


def test_date_of_birth_is_not_in_the_future(client: Client) -> None:
    client.force_login(UserFactory.create())
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    response = save_profile(client, date_of_birth=tomorrow.isoformat())
    assert "date_of_birth" in response.context["forms"][1].errors


def test_mistakes_in_both_forms_are_announced_once(client: Client) -> None:
    client.force_login(UserFactory.create())
    page = save_profile(client, phone_number="1", date_of_birth="never").text
    assert page.count('role="alert"') == 1


def test_one_wrong_field_saves_nothing(client: Client) -> None:
    user = UserFactory.create()
    client.force_login(user)
    save_profile(client, date_of_birth="never")
    user.refresh_from_db()
    assert user.first_name == ""


@pytest.mark.parametrize("field", ["first_name", "last_name", "bio"])
def test_script_is_escaped(client: Client, field: str) -> None:
    client.force_login(UserFactory.create())
    save_profile(client, **{field: SCRIPT})
    content = client.get(reverse("accounts:profile")).content.decode()
    assert SCRIPT not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content


def test_profile_needs_the_csrf_token() -> None:
    user = UserFactory.create()
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert save_profile(client).status_code == 403
    user.refresh_from_db()
    assert user.first_name == ""


def test_user_without_a_profile_gets_one(client: Client) -> None:
    user = UserFactory.create()
    user.profile.delete()
    client.force_login(user)
    save_profile(client)
    user.refresh_from_db()
    assert user.profile.bio == "Wrote the first program."
