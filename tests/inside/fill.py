"""Fill the preset's blog, on PostgreSQL, with as many posts as asked for: `fill.py ROWS`."""

import sys

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402

USERS = 100
TAGS = 1_000

STATEMENTS = """
INSERT INTO blog_tag (id, name, slug)
SELECT n, 'Tag ' || n, 'tag-' || n FROM generate_series(1, %(tags)s) n;

INSERT INTO blog_post (id, title, slug, content, status, author_id, published_at, created_at, updated_at)
SELECT n, 'About ' || md5(n::text), 'about-' || n,
    (SELECT string_agg(md5((n * 10 + part)::text), ' ') FROM generate_series(1, 2) part),
    CASE WHEN n %% 10 < 7 THEN 'published' ELSE 'draft' END,
    (SELECT min(id) FROM accounts_customuser) + n / 10 %% %(users)s,
    CASE WHEN n %% 10 < 7 THEN timestamptz '2020-01-01' + n * interval '1 minute' END,
    timestamptz '2020-01-01' + n * interval '1 minute', timestamptz '2020-01-01' + n * interval '1 minute'
FROM generate_series(1, %(rows)s) n;

INSERT INTO blog_post_tags (post_id, tag_id)
SELECT n, 1 + (n * 7 + extra * 331) %% %(tags)s FROM generate_series(1, %(rows)s) n, generate_series(0, 1) extra;
"""


def main(rows: int) -> None:
    users = get_user_model()
    field = users.USERNAME_FIELD
    users.objects.bulk_create(
        users(**{field: f"user{number}@example.org", "email": f"user{number}@example.org", "password": "!"})
        for number in range(USERS)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for statement in STATEMENTS.split(";"):
            if statement.strip():
                cursor.execute(statement, {"rows": rows, "users": USERS, "tags": TAGS})
        cursor.execute("VACUUM ANALYZE")


main(int(sys.argv[1]))
