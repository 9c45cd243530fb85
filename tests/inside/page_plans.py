"""Fill the preset's blog and print how PostgreSQL reads it for the pages, plan by name: `page_plans.py`."""

import json

import django

django.setup()

from accounts.models import CustomUser  # noqa: E402
from blog.models import Tag  # noqa: E402
from blog.selectors import posts as posts_for  # noqa: E402
from django.contrib.auth.models import AnonymousUser  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Q  # noqa: E402

ROWS = 100_000
USERS = 10_000
POSTS = f"""
    INSERT INTO blog_post (id, title, slug, content, status, author_id, created_at, updated_at)
    SELECT number, 'Title ' || md5(number::text), 'slug-' || number, repeat(md5((number * 7)::text) || ' ', 20),
        CASE number % 2 WHEN 0 THEN 'published' ELSE 'draft' END,
        1 + number * 7919 % {USERS}, now() - number * interval '1 minute', now()
    FROM generate_series(1, {ROWS}) number
"""
TAGS = f"""
    INSERT INTO blog_tag (id, name, slug) SELECT number, 'Tag ' || md5(number::text), 'tag-' || number
    FROM generate_series(1, {ROWS}) number
"""
TAGGED = f"""
    INSERT INTO blog_post_tags (post_id, tag_id)
    SELECT number, 1 + number * 31 % {ROWS} FROM generate_series(1, {ROWS}) number
"""

CustomUser.objects.bulk_create(
    CustomUser(pk=number, username=f"user{number}", email=f"{number}@example.com") for number in range(1, USERS + 1)
)
with connection.cursor() as cursor:
    for statement in (POSTS, TAGS, TAGGED, "ANALYZE"):
        cursor.execute(statement)

member = CustomUser.objects.get(pk=7)


def found(text: str) -> Q:
    return Q(title__icontains=text) | Q(content__icontains=text)


readers = {"nobody": AnonymousUser(), "member": member, "staff": CustomUser(is_superuser=True)}
queries = {
    "tags": Tag.objects.all(),
    "rare in tags": Tag.objects.filter(name__icontains="C4CA42"),
    "tag": Tag.objects.filter(slug="tag-7"),
}
for name, reader in readers.items():
    posts = posts_for(reader).defer("content")
    queries |= {
        f"posts for {name}": posts,
        f"published for {name}": posts.filter(status="published"),
        f"drafts for {name}": posts.filter(status="draft"),
        f"posts of one author for {name}": posts.filter(author=member),
        f"posts with one tag for {name}": posts.filter(tags=7),
        f"rare in posts for {name}": posts.filter(found("c4ca42")),
        f"common in posts for {name}": posts.filter(found("title")),
        f"one post for {name}": posts.filter(slug="slug-7"),
    }
print(json.dumps({name: query[:21].explain() for name, query in queries.items()}))
