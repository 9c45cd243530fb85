"""The page that documents the API: Swagger UI's own, so it is used but not judged by axe."""

from browser.visitor import Visitor


def try_out(visitor: Visitor) -> None:
    page = visitor.page
    page.goto("/")
    home = page.url
    elsewhere: list[str] = []
    page.on("request", lambda sent: None if sent.url.startswith((home, "data:")) else elsewhere.append(sent.url))
    page.goto("/api/v1/docs/")
    page.locator("#operations-blog-blog_tags_list").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    assert page.locator(".live-responses-table .response-col_status").last.inner_text().startswith("200")
    assert elsewhere == []


def test_docs_try_out_the_api(visitor: Visitor) -> None:
    try_out(visitor)


def test_docs_try_out_the_api_in_production(production_visitor: Visitor) -> None:
    try_out(production_visitor)
