"""Eight who save the same at the same time: who is late is told so, and nobody meets an error of the server."""

import json

import pytest

from lab.conftest import MakeBench


@pytest.mark.xdist_group("at-once")
@pytest.mark.parametrize("views", ["cbv", "fbv"])
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_one_of_many_equal_is_saved(make_bench: MakeBench, views: str, database: str) -> None:
    bench = make_bench("--preset", "standard", "--set", f"app.views={views}", database=f"at_once_{views}")
    url = {"DATABASE_URL": bench.postgres("at_once")} if database == "postgres" else {}
    bench.manage("migrate", **url).succeeded()
    told = json.loads(bench.inside("at_once.py", DJANGO_SETTINGS_MODULE="unlimited", **url))
    assert told["tag by page"] == [200] * 7 + [302]
    assert told["tag by API"] == [201] + [400] * 7
    assert told["post by page"] == [302] * 8
    assert told["post by API"] == [201] * 8
    assert (told["tags"], told["posts"]) == (2, 16)
