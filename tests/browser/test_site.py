"""The life of an account and of a post, as a person at a browser sees it."""

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
    visitor.fill(username=name, password=password)
    visitor.press("Log in")


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
    visitor.press("Sign up")
    assert visitor.path == "/accounts/signup/"
    assert visitor.page.locator("[aria-invalid=true]").count() >= 1
    log_in(visitor, "nobody@example.org", "wrong")
    assert visitor.path.startswith("/accounts/login/")
    assert visitor.page.get_by_role("alert").count() >= 1


def test_sign_up_activate_write_and_leave(visitor: Visitor, mailbox: Mailbox, login: str, name: str) -> None:
    visitor.open("/accounts/signup/")
    names = {"username": {"username": "ada"}, "email": {}}[login]
    visitor.fill(**names, email=ADDRESS, password1=PASSWORD, password2=PASSWORD)
    visitor.press("Sign up")
    assert visitor.path == "/accounts/signup/done/"

    log_in(visitor, name, PASSWORD)
    assert visitor.path.startswith("/accounts/login/"), "logged in before the address was confirmed"

    link = mailbox.link(ADDRESS)
    visitor.open(link)
    visitor.fill(password=OTHER_PASSWORD)
    visitor.press("Activate")
    assert visitor.page.get_by_role("alert").count() == 1, "activated without the password"
    visitor.fill(password=PASSWORD)
    visitor.press("Activate")
    visitor.open(link, status=404)  # a second time it is used up, and says so
    visitor.open("/blog/post/new/")
    assert visitor.path == "/accounts/login/?next=/blog/post/new/"
    visitor.fill(username=name, password=PASSWORD)
    visitor.press("Log in")
    assert visitor.path == "/blog/post/new/"

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
    visitor.open("/accounts/password/change/")
    visitor.fill(old_password=PASSWORD, new_password1=OTHER_PASSWORD, new_password2=OTHER_PASSWORD)
    visitor.press("Change password")
    assert visitor.path == "/accounts/password/change/done/"

    visitor.press("Log out")
    visitor.open("/blog/dashboard/")
    assert visitor.path.startswith("/accounts/login/")


def test_reset_of_a_forgotten_password(visitor: Visitor, mailbox: Mailbox, name: str) -> None:
    visitor.open("/accounts/password/reset/")
    visitor.fill(email=ADDRESS)
    visitor.press("Send the link")
    assert visitor.path == "/accounts/password/reset/done/"
    visitor.open(mailbox.link(ADDRESS))
    visitor.fill(new_password1=PASSWORD, new_password2=PASSWORD)
    visitor.press("Set password")
    assert visitor.path == "/accounts/password/reset/complete/"
    log_in(visitor, name, OTHER_PASSWORD)
    assert visitor.path.startswith("/accounts/login/")
    log_in(visitor, name, PASSWORD)
    assert visitor.path == "/"
