"""ASGI by Gunicorn: one process serves many slow requests at once, and streams."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from lab.conftest import MakeBench
from lab.deployment import Deployment
from support.servers import status

SLOW = """
import asyncio
from django.http import HttpResponse


async def slow(request):
    await asyncio.sleep(0.1)
    return HttpResponse("done")


urlpatterns.append(path("slow/", slow))
"""


def test_a_process_serves_many_slow_requests_at_once(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench("--preset", "standard", "--with", "async,middleware", database="asgi")
    urls = bench.project / "config/urls.py"
    urls.write_text(urls.read_text() + SLOW)
    with ExitStack() as stack:
        deployed = Deployment(bench, tmp_path, stack, WEB_CONCURRENCY="1")
        address = deployed.serve()
        with ThreadPoolExecutor(50) as pool:
            list(pool.map(status, [f"{address}/slow/"] * 50))  # all that is made once
            began = time.monotonic()
            codes = list(pool.map(status, [f"{address}/slow/"] * 50))
            took = time.monotonic() - began
        assert codes == [200] * 50
        assert took < 1, "one after the other they take five seconds"
        ada = deployed.log_in(address)
        assert len(ada.ask("/blog/posts/export/")[1].splitlines()) == 4
        assert ada.ask("/blog/posts/post-0/data/")[0] == 200
        assert ada.ask("/blog/posts/")[0] == 200
    assert "Error" not in (tmp_path / "web.log").read_text()
