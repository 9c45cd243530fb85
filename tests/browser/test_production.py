"""With production settings: the same pages from hashed static files, and our own error pages."""

from browser.visitor import Visitor


def test_public_pages(production_visitor: Visitor) -> None:
    production_visitor.open("/")
    sheets = production_visitor.page.locator("link[rel=stylesheet]")
    assert sheets.count() == 1
    assert sheets.get_attribute("href") != "/static/css/site.css", "the name holds no hash of the content"
    production_visitor.open("/blog/posts/")
    production_visitor.open("/accounts/signup/")


def test_not_found(production_visitor: Visitor) -> None:
    production_visitor.open("/nowhere/", status=404)
    production_visitor.open("/blog/posts/no-such-post/", status=404)
    production_visitor.follow("Home")
    assert production_visitor.path == "/"


def test_form_that_has_lost_its_token(production_visitor: Visitor) -> None:
    production_visitor.open("/accounts/login/")
    production_visitor.fill(login="ada@example.org", password="wrong")
    production_visitor.page.context.clear_cookies()
    production_visitor.press("Sign In")
    assert production_visitor.status == 403
