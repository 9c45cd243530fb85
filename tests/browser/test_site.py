"""The life of an account and of a post, as a person at a browser sees it."""

import base64
import hashlib
import hmac
import time

import pytest

from browser.mail import Mailbox
from browser.visitor import Visitor

ADDRESS = "ada@example.org"
PASSWORD = "correct horse battery"
OTHER_PASSWORD = "staple battery horse"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def name(login: str) -> str:
    """Return what Ada types to log in."""
    return {"username": "ada", "email": ADDRESS}[login]


def log_in(visitor: Visitor, name: str, password: str) -> None:
    visitor.open("/accounts/login/")
    visitor.fill(login=name, password=password)
    visitor.press("Sign In")


def test_strangers_see_the_public_pages(visitor: Visitor) -> None:
    visitor.open("/")
    visitor.open("/blog/posts/")
    visitor.open("/blog/posts/?q=%27%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    visitor.open("/accounts/login/")
    visitor.open("/accounts/signup/")
    visitor.open("/accounts/password/reset/")
    visitor.open("/blog/dashboard/")
    assert visitor.path == "/accounts/login/?next=/blog/dashboard/"
    visitor.open("/accounts/profile/")
    assert visitor.path == "/accounts/login/?next=/accounts/profile/"
    # An error page of local development is Django's own, so it is only asked for its status.
    response = visitor.page.goto("/blog/posts/no-such-post/")
    assert response and response.status == 404


def test_a_refused_form_says_why(visitor: Visitor, login: str) -> None:
    visitor.open("/accounts/signup/")
    names = {"username": {"username": "a b"}, "email": {}}[login]
    visitor.fill(**names, email=ADDRESS, password1="12345", password2="12345")
    visitor.press("Sign Up")
    assert visitor.path == "/accounts/signup/"
    assert visitor.page.locator("[aria-invalid=true]").count() >= 1
    log_in(visitor, "nobody@example.org", "wrong")
    assert visitor.path.startswith("/accounts/login/")
    assert visitor.page.locator(".errorlist").count() >= 1


def test_sign_up_confirm_write_and_leave(visitor: Visitor, mailbox: Mailbox, login: str, name: str) -> None:
    visitor.open("/blog/posts/new/")
    assert visitor.path == "/accounts/login/?next=/blog/posts/new/"
    visitor.page.locator("main").get_by_role("link", name="sign up").click()
    names = {"username": {"username": "ada"}, "email": {}}[login]
    visitor.fill(**names, email=ADDRESS, password1=PASSWORD, password2=PASSWORD)
    visitor.press("Sign Up")
    assert visitor.path == "/accounts/confirm-email/"
    visitor.fill(code="AAAA-AAAA")
    visitor.press("Confirm")
    assert visitor.page.locator(".errorlist").count() == 1
    visitor.fill(code=mailbox.code(ADDRESS))
    visitor.press("Confirm")
    assert visitor.path == "/blog/posts/new/"

    visitor.fill(title=f"First light {SCRIPT}", content=f"Seen from the hill. {SCRIPT}", status="draft")
    visitor.press("Save")
    assert visitor.reads(f"First light {SCRIPT}")

    visitor.follow("Edit")
    visitor.fill(title="Second light")
    visitor.press("Save")
    assert visitor.reads("Second light")
    detail = visitor.path

    visitor.press("Publish")
    visitor.open("/blog/dashboard/")
    assert visitor.reads("Second light")
    visitor.open("/")
    visitor.open("/blog/posts/?q=second")
    assert visitor.reads("Second light")

    visitor.open(detail)
    visitor.follow("Delete")
    visitor.press("Delete")
    visitor.open("/blog/posts/")
    assert not visitor.reads("Second light")

    visitor.open("/accounts/profile/")
    visitor.press("Save")
    visitor.open("/accounts/email/")
    visitor.open("/accounts/password/change/")
    visitor.fill(oldpassword=PASSWORD, password1=OTHER_PASSWORD, password2=OTHER_PASSWORD)
    visitor.press("Change Password")
    assert visitor.reads("Password successfully changed.")

    visitor.press("Sign out")
    visitor.open("/blog/dashboard/")
    assert visitor.path.startswith("/accounts/login/")


def test_reset_of_a_forgotten_password(visitor: Visitor, mailbox: Mailbox, name: str) -> None:
    visitor.open("/accounts/password/reset/")
    visitor.fill(email=ADDRESS)
    visitor.press("Reset My Password")
    visitor.fill(code=mailbox.code(ADDRESS))
    visitor.press("Confirm")
    visitor.fill(password1=PASSWORD, password2=PASSWORD)
    visitor.press("Change Password")
    visitor.open("/blog/dashboard/")
    assert visitor.path == "/blog/dashboard/"
    visitor.press("Sign out")
    log_in(visitor, name, OTHER_PASSWORD)
    assert visitor.path.startswith("/accounts/login/")
    log_in(visitor, name, PASSWORD)
    assert visitor.path == "/"


def test_a_second_factor(visitor: Visitor, name: str) -> None:
    log_in(visitor, name, PASSWORD)
    visitor.open("/accounts/profile/")
    visitor.follow("Two-factor authentication")
    visitor.follow("Activate")
    visitor.fill(password=PASSWORD)
    visitor.press("Confirm")
    picture = visitor.page.locator("main img")
    assert picture.evaluate("image => image.naturalWidth") > 0, "the policy lets the picture in"
    secret = picture.get_attribute("alt")
    assert secret
    visitor.fill(code=code_of_the_phone(secret))
    visitor.press("Activate")
    assert visitor.path == "/accounts/2fa/recovery-codes/"
    recovery = visitor.page.locator("textarea").input_value().split()[0]

    visitor.press("Sign out")
    log_in(visitor, name, PASSWORD)
    assert visitor.path == "/accounts/2fa/authenticate/"
    visitor.fill(code="000000")
    visitor.press("Sign In")
    assert visitor.page.locator(".errorlist").count() == 1
    visitor.fill(code=recovery)
    visitor.press("Sign In")
    assert visitor.path == "/"


def code_of_the_phone(secret: str) -> str:
    """Return what an authenticator shows now (RFC 6238: SHA-1, steps of 30 seconds, six digits)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, int(time.time() // 30).to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
