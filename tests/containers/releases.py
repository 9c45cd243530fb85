"""What the tests of releases share: visitors who are there all the time, and what a release changes."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from containers.stack import Stack

MIGRATION = """from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("blog", "{before}")]
    operations = [migrations.RunSQL("{sql}")]
"""
PAGES = ["/blog/posts/", "/", "/api/v1/blog/tags/", "/accounts/login/"]
VISITORS = 4


@contextmanager
def in_use(stack: Stack) -> Iterator[None]:
    """Let visitors ask for pages all the time; each gets every answer."""
    ended, wrong, answers = threading.Event(), [], []

    def visit(number: int) -> None:
        visitor = stack.visitor()
        while not ended.is_set():
            path = PAGES[number % len(PAGES)]
            try:
                answer = visitor.ask(path)
                # The API limits each address, which all of these share.
                if answer.status not in ({200, 429} if path.startswith("/api/") else {200}):
                    wrong.append((path, answer.status))
            except OSError as error:
                wrong.append((path, error))
            answers.append(path)
            time.sleep(0.02)

    visitors = [threading.Thread(target=visit, args=[number]) for number in range(VISITORS)]
    for visitor in visitors:
        visitor.start()
    try:
        yield
    finally:
        ended.set()
        for visitor in visitors:
            visitor.join()
    assert not wrong, f"{len(wrong)} of {len(answers)} failed: {wrong[:5]}"
    assert len(answers) > 100, answers


def write_migration(stack: Stack, name: str, sql: str) -> Path:
    last = sorted((stack.project / "blog/migrations").glob("0*.py"))[-1].stem
    path = stack.project / f"blog/migrations/{int(last[:4]) + 1:04}_{name}.py"
    path.write_text(MIGRATION.format(before=last, sql=sql))
    return path


def change_sheet(stack: Stack, mark: str) -> None:
    with (stack.project / "static/css/site.css").open("a") as sheet:
        sheet.write(f"\n.{mark} {{ color: inherit; }}\n")


def served_sheet(stack: Stack) -> str:
    visitor = stack.visitor()
    sheet = re.search(r"/static/css/site\.[0-9a-f]{12}\.css", visitor.ask("/").text)
    assert sheet
    answer = visitor.ask(sheet[0])
    assert answer.status == 200
    return answer.text
