"""Pages and the API need as many queries as a plain project's by hand would."""

import pytest

from lab.conftest import MakeBench

QUERIES = {
    "/": 0,
    "/blog/posts/": 3,  # their number, the posts with their authors, their tags
    "/blog/posts/{slug}/": 2,
    "/api/v1/blog/posts/": 3,
    "/api/v1/blog/posts/{key}/": 2,
}
PUBLISHED = "from blog.models import Post; post = Post.objects.filter(status='published').first()"


@pytest.mark.xdist_group("production")
def test_number_of_queries(make_bench: MakeBench) -> None:
    bench = make_bench("--preset", "standard", database="queries")
    settings = {"DATABASE_URL": bench.postgres("queries")}
    bench.manage("migrate", **settings).succeeded()
    bench.manage("seed_blog", **settings).succeeded()
    asked = bench.manage("shell", "-v", "0", "-c", f"{PUBLISHED}; print(post.slug, post.pk)", **settings)
    slug, key = asked.succeeded().out.split()
    paths = [path.format(slug=slug, key=key) for path in QUERIES]
    counted = bench.inside("queries.py", *paths, **settings)
    assert dict(zip(QUERIES, map(int, counted.split()), strict=True)) == QUERIES
