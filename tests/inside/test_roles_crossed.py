"""Every role and every action, on pages and through the API; the admin is crossed by the project's own tests."""

import pytest
from accounts.models import CustomUser
from accounts.roles import ROLES
from accounts.tests.factories import UserFactory
from blog.models import Post, Tag
from blog.tests.factories import PostFactory, TagFactory
from django.contrib.auth.models import Group
from django.test import Client
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def user(role: str) -> CustomUser:
    user = UserFactory.create()
    user.groups.add(Group.objects.get(name=role))
    return user


def may(role: str, action: str, model: str) -> bool:
    return f"blog.{action}_{model}" in ROLES[role]


def test_a_hidden_post_of_somebody_else(role: str, user: CustomUser) -> None:
    post = PostFactory.create(public=False)
    seen = may(role, "view", "post") or may(role, "change", "post")
    wanted = {
        "": seen,
        "edit/": may(role, "change", "post"),
        "delete/": may(role, "delete", "post"),
    }
    client = Client()
    client.force_login(user)
    for page, allowed in wanted.items():
        answer = client.get(f"/blog/posts/{post.slug}/{page}")
        assert answer.status_code == (200 if allowed else 404), page
    published = client.post(f"/blog/posts/{post.slug}/publish/")
    assert published.status_code == (302 if may(role, "change", "post") else 404)
    Post.objects.update(status="draft")

    api, address = APIClient(), f"/api/v1/blog/posts/{post.pk}/"
    api.force_authenticate(user)
    assert (api.get(address).status_code == 200) == seen
    assert (api.patch(address, {"title": "Other"}).status_code == 200) == may(role, "change", "post")
    assert (api.post(f"{address}publish/").status_code == 200) == may(role, "change", "post")
    Post.objects.update(status="draft")
    assert (api.delete(address).status_code == 204) == may(role, "delete", "post")
    assert Post.objects.filter(pk=post.pk).exists() != may(role, "delete", "post")


def test_a_tag(role: str, user: CustomUser) -> None:
    tag = TagFactory.create()
    client = Client()
    client.force_login(user)
    assert client.get(f"/blog/tags/{tag.slug}/").status_code == 200
    for page, action, refused in (
        (f"/blog/tags/{tag.slug}/edit/", "change", 404),
        (f"/blog/tags/{tag.slug}/delete/", "delete", 404),
        ("/blog/tags/new/", "add", 403),
    ):
        assert client.get(page).status_code == (200 if may(role, action, "tag") else refused), page

    api, address = APIClient(), f"/api/v1/blog/tags/{tag.pk}/"
    api.force_authenticate(user)
    assert api.get(address).status_code == 200
    assert (api.post("/api/v1/blog/tags/", {"name": "new"}).status_code == 201) == may(role, "add", "tag")
    assert (api.patch(address, {"name": "other"}).status_code == 200) == may(role, "change", "tag")
    assert (api.delete(address).status_code == 204) == may(role, "delete", "tag")
    assert Tag.objects.filter(pk=tag.pk).exists() != may(role, "delete", "tag")
