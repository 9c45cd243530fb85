"""Make posts that are equal in all that lists are ordered by, and walk through the API's list: `walk.py ROWS QUERY`.

Prints the keys in the order in which they came, and those that there are.
"""

import json
import sys

import django

django.setup()

from accounts.models import CustomUser  # noqa: E402
from blog.models import Post  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402


def main(rows: int, query: str) -> None:
    author = CustomUser.objects.create(username="grace", email="grace@example.org")
    now = timezone.now()
    posts = [
        Post(title="Equal", slug=f"equal-{number}", content="", status="published", author=author, published_at=now)
        for number in range(rows)
    ]
    Post.objects.bulk_create(posts)
    Post.objects.update(created_at=now, updated_at=now)
    client = APIClient(headers={"host": "localhost"})
    client.force_authenticate(author)
    found: list[int] = []
    url = f"/api/v1/blog/posts/?{query}"
    while url and len(found) <= rows:
        page = client.get(url).json()
        found += [row["id"] for row in page["results"]]
        url = page["next"]
    json.dump({"found": found, "there": sorted(Post.objects.values_list("pk", flat=True))}, sys.stdout)


main(int(sys.argv[1]), sys.argv[2])
