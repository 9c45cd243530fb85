"""Time the API's list of 20 posts: a line of standard input names a way, the answer is the seconds of ROUND requests.

Ways: `related` as generated, `no-prefetch` without prefetch_related.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from blog import api, selectors  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

ROUND = 20
URL = "/api/v1/blog/posts/"
WAYS: dict[str, Callable[..., Any]] = {
    "related": selectors.posts,
    "no-prefetch": lambda *given: selectors.posts(*given).prefetch_related(None),
}


def main() -> None:
    client = APIClient(HTTP_HOST="localhost")
    for line in sys.stdin:
        api.posts = WAYS[line.strip()]
        began = time.perf_counter()
        for _ in range(ROUND):
            response = client.get(URL)
            assert response.status_code == 200, response.content
            assert len(response.json()["results"]) == 20
        print(time.perf_counter() - began, flush=True)


main()
