"""Save the same by eight threads at once, on pages and in the API, and print each way's statuses: `at_once.py`."""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import django

django.setup()

from accounts.models import CustomUser  # noqa: E402
from blog.models import Post, Tag  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

THREADS = 8

user = CustomUser.objects.create_superuser("grace", "grace@example.org", "the correct horse")
together = Barrier(THREADS)


def by_page(url: str, data: dict[str, Any]) -> int:
    client = Client(HTTP_HOST="localhost", raise_request_exception=False)
    client.force_login(user)
    together.wait()
    return client.post(url, data).status_code


def by_api(url: str, data: dict[str, Any]) -> int:
    client = APIClient(HTTP_HOST="localhost", raise_request_exception=False)
    client.force_authenticate(user)
    together.wait()
    return client.post(url, data, format="json").status_code


def at_once(send: Callable[..., int], url: str, data: dict[str, Any]) -> list[int]:
    def one(_number: int) -> int:
        try:
            return send(url, data)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return sorted(pool.map(one, range(THREADS)))


post = {"title": "Same", "content": "Same", "status": "draft"}
told = {
    "tag by page": at_once(by_page, "/blog/tags/new/", {"name": "Same"}),
    "tag by API": at_once(by_api, "/api/v1/blog/tags/", {"name": "Equal"}),
    "post by page": at_once(by_page, "/blog/posts/new/", post),
    "post by API": at_once(by_api, "/api/v1/blog/posts/", post | {"title": "Equal"}),
    "tags": Tag.objects.count(),
    "posts": Post.objects.count(),
}
json.dump(told, sys.stdout)
