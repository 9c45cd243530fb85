"""Among 1,500 rows that are equal in all that lists are ordered by, each comes exactly once."""

import json

import pytest

from lab.conftest import MakeBench

ROWS = 1_500
QUERIES = {"page": ["", "page_size=100&ordering=status", "page_size=7&ordering=-created_at,title"], "cursor": [""]}


@pytest.mark.xdist_group("pagination")
@pytest.mark.parametrize("pagination", QUERIES)
def test_each_row_comes_exactly_once(make_bench: MakeBench, pagination: str) -> None:
    bench = make_bench("--preset", "standard", "--set", f"api.pagination={pagination}", database=pagination)
    for number, query in enumerate(QUERIES[pagination]):
        url = bench.postgres(f"walk_{number}")
        bench.manage("migrate", DATABASE_URL=url).succeeded()
        walked = json.loads(bench.inside("walk.py", str(ROWS), query, DATABASE_URL=url, PGOPTIONS=""))
        assert len(walked["there"]) == ROWS
        assert sorted(walked["found"]) == walked["there"], query
