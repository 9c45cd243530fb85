"""Django Debug Toolbar on a page whose content security policy allows nothing inline."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser.conftest import Generated, visiting
from support.binary import new
from support.environments import environment


@pytest.mark.parametrize("line", ["5.2", "6.1"])
def test_toolbar_shows_the_queries_of_a_page(
    browser: Browser, line: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    flags = ["--preset", "minimal", "--with", "devtools", "--django", line]
    project = new(tmp_path, "tooled", *flags)
    tools = environment(line)
    generated = Generated(project, tools.python, tools.variables(tmp_path))
    generated.manage("migrate")
    with generated.served(f"toolbar-{line}") as address, visiting(browser, address, request) as visitor:
        page = visitor.page
        page.goto("/blog/posts/")
        page.locator("#djDebug a.SQLPanel").click()
        page.locator("#djDebug").get_by_text("blog_post").locator("visible=true").first.wait_for()
