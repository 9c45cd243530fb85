import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone
from rest_framework.filters import OrderingFilter
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.serializers import ModelSerializer
from rest_framework.test import APIClient

from accounts.models import CustomUser
from accounts.tests.factories import UserFactory


class UserSerializer(ModelSerializer):
    class Meta:
        model = CustomUser
        fields = ["id"]


class UserListView(ListAPIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    queryset = CustomUser.objects.all()
    serializer_class = UserSerializer
    filter_backends = [OrderingFilter]
    ordering_fields = ["date_joined", "first_name", "is_staff", "last_login", "pk"]


urlpatterns = [path("users/", UserListView.as_view())]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls(__name__),
    pytest.mark.usefixtures("users"),
]


@pytest.fixture
def users() -> list[CustomUser]:
    """Users some of whom have equal values, and some have none."""
    now = timezone.now()
    return [
        UserFactory(
            first_name=first_name,
            is_staff=first_name == "b",
            date_joined=now - timedelta(microseconds=age),
            last_login=None if last_login is None else now - timedelta(days=last_login),
        )
        for first_name, age, last_login in [
            ("b", 3, None),
            ("a", 1, 2),
            ("b", 2, 1),
            ("b", 2, 2),
            ("", 5, None),
            ("b", 4, None),
            ("c", 0, 2),
        ]
    ]


@pytest.fixture
def api() -> APIClient:
    return APIClient()


def fetch(api: APIClient, url: str) -> dict[str, Any]:
    response = api.get(url)
    assert response.status_code == 200
    content: dict[str, Any] = response.json()
    return content


def keys(page: dict[str, Any]) -> list[int]:
    return [user["id"] for user in page["results"]]


def walk(api: APIClient, url: str, direction: str) -> list[dict[str, Any]]:
    """Follow the links as far as they go."""
    pages = [fetch(api, url)]
    while link := pages[-1][direction]:
        pages.append(fetch(api, link))
    return pages


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("name", UserListView.ordering_fields)
def test_every_object_is_on_one_page_in_either_direction(
    api: APIClient, name: str, sign: str, size: int
) -> None:
    value = F(name).desc(nulls_last=True) if sign else F(name).asc(nulls_last=True)
    ordered = CustomUser.objects.order_by(value, f"{sign}pk")
    expected = list(ordered.values_list("pk", flat=True))
    url = f"/users/?page_size={size}&ordering={sign}{name}"

    pages = walk(api, url, "next")
    assert [key for page in pages for key in keys(page)] == expected
    assert all(len(keys(page)) == size for page in pages[:-1])

    back = (
        [pages[-1], *walk(api, pages[-1]["previous"], "previous")]
        if pages[1:]
        else pages
    )
    assert [key for page in reversed(back) for key in keys(page)] == expected
    assert all(len(keys(page)) == size for page in back[1:-1])


def test_links_keep_the_other_parameters(api: APIClient) -> None:
    first = fetch(api, "/users/?ordering=-pk&page_size=2")
    assert first["previous"] is None
    assert "ordering=-pk&page_size=2" in first["next"]


def test_what_changes_between_pages_moves_no_other_object(
    api: APIClient, users: list[CustomUser]
) -> None:
    first = fetch(api, "/users/?ordering=-pk&page_size=3")
    UserFactory()
    CustomUser.objects.filter(pk__in=keys(first)[1:]).delete()
    second = fetch(api, first["next"])
    assert keys(second) == [user.pk for user in users[3:0:-1]]


def test_page_that_has_become_empty_leads_back(
    api: APIClient, users: list[CustomUser]
) -> None:
    first = fetch(api, "/users/?ordering=pk&page_size=5")
    CustomUser.objects.filter(pk__gt=users[4].pk).delete()
    empty = fetch(api, first["next"])
    assert keys(empty) == []
    assert empty["next"] is None
    assert keys(fetch(api, empty["previous"])) == keys(first)


def test_page_that_has_become_empty_backwards_leads_to_the_first(
    api: APIClient, users: list[CustomUser]
) -> None:
    pages = walk(api, "/users/?ordering=pk&page_size=5", "next")
    CustomUser.objects.filter(pk__in=keys(pages[0])).delete()
    empty = fetch(api, pages[1]["previous"])
    assert keys(empty) == []
    assert empty["previous"] is None
    assert keys(fetch(api, empty["next"])) == keys(pages[1])


@pytest.mark.parametrize(("name", "queries"), [("first_name", 1), ("last_login", 2)])
def test_page_far_back_costs_what_the_first_one_does(
    api: APIClient, name: str, queries: int
) -> None:
    for page in walk(api, f"/users/?ordering={name}&page_size=1", "next"):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            fetch(api, page["next"] or page["previous"])
        assert len(captured) <= queries
        for query in captured:
            assert "OFFSET" not in query["sql"]
            assert "COUNT" not in query["sql"]


def test_place_of_a_page_is_found_in_an_index(api: APIClient) -> None:
    first = fetch(api, "/users/?ordering=first_name&page_size=1")
    with CaptureQueriesContext(connection) as captured:
        fetch(api, first["next"])
    assert re.search(r"WHERE \(.{0,40}first_name\S* >= ''", captured[0]["sql"])


@pytest.mark.parametrize("cursor", ["", "x", "%00", "W2ZhbHNlLG51bGxd:x", "é", "WzBd"])
def test_cursor_that_is_made_up_is_not_found(api: APIClient, cursor: str) -> None:
    assert api.get(f"/users/?cursor={cursor}").status_code == 404


def test_cursor_is_for_one_order_only(api: APIClient) -> None:
    first = fetch(api, "/users/?ordering=pk&page_size=1")
    other = first["next"].replace("ordering=pk", "ordering=last_login")
    assert api.get(first["next"]).status_code == 200
    assert api.get(other).status_code == 404


def test_page_has_the_size_that_is_asked_for(api: APIClient) -> None:
    UserFactory.create_batch(20)
    assert len(keys(fetch(api, "/users/"))) == 20
    assert len(keys(fetch(api, "/users/?page_size=25"))) == 25


@pytest.mark.parametrize("size", ["0", "-1", "101", "1.5", "x", ""])
def test_page_size_out_of_bounds_is_refused(api: APIClient, size: str) -> None:
    response = api.get(f"/users/?page_size={size}")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["page_size"]
