"""With 100,000 rows in PostgreSQL, lists, filters and searches of the API go through indexes, however deep the page."""

import json
from typing import Any

import pytest

from lab.conftest import MakeBench

pytestmark = pytest.mark.xdist_group("plans")

POSTS = "/api/v1/blog/posts/"
FIRST = f"user={POSTS}"
DEEP = f"user=200@{POSTS}"
REQUESTS = [
    f"anonymous={POSTS}",
    f"user={POSTS}?status=draft",
    f"user={POSTS}?author=7",
    f"anonymous={POSTS}?author=7",
    f"anonymous={POSTS}?tags=33",
    f"user={POSTS}?created_at__gte=2020-03-01T00:00:00Z",
    f"anonymous={POSTS}?slug=about-4242",
    f"anonymous={POSTS}?search=a87ff679",
    f"user={POSTS}?search=a87ff679",
    f"user={POSTS}4243/",
    "user=/api/v1/blog/tags/",
    "user=/api/v1/blog/tags/?search=77",
    FIRST,
    DEEP,
]


@pytest.fixture(scope="module")
def plans(make_bench: MakeBench) -> dict[str, list[dict[str, Any]]]:
    # A page with a number counts all rows; a cursor reads only what it shows.
    bench = make_bench("--preset", "standard", "--set", "api.pagination=cursor", database="plans")
    url = bench.postgres("rows")
    bench.manage("migrate", DATABASE_URL=url).succeeded()
    bench.inside("fill.py", "100000", DATABASE_URL=url)
    told = json.loads(bench.inside("plans.py", given="\n".join(REQUESTS), DATABASE_URL=url))
    return {request: [plan for plan in told if plan["request"] == request] for request in REQUESTS}


@pytest.mark.parametrize("request_", REQUESTS)
def test_no_large_table_is_read_through(plans: dict[str, list[dict[str, Any]]], request_: str) -> None:
    assert plans[request_]
    assert plans[request_][0]["rows"] or "/4243/" in request_, "nothing was found"
    read_through = [plan for plan in plans[request_] if plan["read_through"]]
    assert not read_through, read_through


def test_search_uses_its_index(plans: dict[str, list[dict[str, Any]]]) -> None:
    used = {index for plan in plans[f"anonymous={POSTS}?search=a87ff679"] for index in plan["indexes"]}
    assert any("search" in index for index in used), used


def test_deep_page_costs_what_the_first_does(plans: dict[str, list[dict[str, Any]]]) -> None:
    first, deep = ([plan["pages_read"] for plan in plans[request]] for request in (FIRST, DEEP))
    assert len(deep) == len(first)
    assert sum(deep) <= 1.5 * sum(first)


def test_no_query_counts_or_skips_rows(plans: dict[str, list[dict[str, Any]]]) -> None:
    for plan in (plan for found in plans.values() for plan in found):
        assert "COUNT(" not in plan["sql"]
        assert "OFFSET" not in plan["sql"]
