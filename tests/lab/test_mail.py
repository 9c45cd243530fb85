"""A mail server that takes a connection and says nothing costs those who wait for their mail a few seconds."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.conftest import MakeBench
from lab.deployment import Deployment
from lab.visitor import Visitor

THREADS = 8  # of all workers together


@pytest.mark.xdist_group("production")
def test_the_site_goes_on_soon(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench("--preset", "standard", "--with", "gunicorn", database="mail")
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        address = Deployment(bench, tmp_path, stack, EMAIL_URL=url).serve()

        def reset(number: int) -> int:
            return Visitor(address).send("/accounts/password/reset/", email=f"user{number}@example.org")[0]

        with ThreadPoolExecutor(THREADS) as pool:
            resets = [pool.submit(reset, number) for number in range(THREADS)]
            time.sleep(1)
            began = time.monotonic()
            assert Visitor(address).ask("/blog/posts/")[0] == 200
            assert time.monotonic() - began < 6
            assert [future.result() for future in resets] == [200] * THREADS
    assert (tmp_path / "web.log").read_text(encoding="utf-8").count(" was not sent to ") == THREADS
