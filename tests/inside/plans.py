"""Ask the API what is on standard input, a URL a line, and print the plan of each query on the blog: `plans.py`."""

import json
import sys
from typing import Any

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

LARGE = {"blog_post", "blog_post_tags"}


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def main() -> None:
    user = get_user_model().objects.order_by("pk").first()
    told = []
    for line in sys.stdin.read().split():
        who, _, url = line.partition("=")
        client = APIClient(HTTP_HOST="localhost")
        if who == "user":
            client.force_authenticate(user)
        pages, _, url = url.rpartition("@")
        for _ in range(int(pages or 1)):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                response = client.get(url)
            assert response.status_code == 200, (url, response.content)
            body = response.json()
            url = body.get("next")
        for query in captured.captured_queries:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query["sql"].replace("%", "%%"), ())
                [[[found]]] = cursor.fetchall()
            plan = found["Plan"]
            told.append(
                {
                    "request": line,
                    "rows": len(body.get("results", [])),
                    "sql": query["sql"],
                    "pages_read": plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
                    "read_through": [
                        node["Relation Name"]
                        for node in nodes(plan)
                        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE
                    ],
                    "indexes": sorted({node["Index Name"] for node in nodes(plan) if "Index Name" in node}),
                }
            )
    json.dump(told, sys.stdout)


main()
