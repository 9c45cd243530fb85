import re

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from accounts.tests.factories import UserFactory

TIMING = r"total;dur=\d+\.\d, db;dur=(\d+\.\d)"


@pytest.mark.django_db
def test_staff_sees_how_long_requests_and_queries_take(client: Client) -> None:
    client.force_login(UserFactory.create(is_staff=True))
    timing = re.fullmatch(TIMING, client.get("/accounts/profile/")["Server-Timing"])
    assert timing
    assert float(timing[1]) > 0


@pytest.mark.django_db
def test_async_requests_are_timed_too(async_client: AsyncClient) -> None:
    async_client.force_login(UserFactory.create(is_staff=True))
    response = async_to_sync(async_client.get)("/accounts/profile/")
    timing = re.fullmatch(TIMING, response["Server-Timing"])
    assert timing
    assert float(timing[1]) > 0


@pytest.mark.django_db
def test_nobody_else_sees_it(client: Client) -> None:
    assert "Server-Timing" not in client.get("/")
    client.force_login(UserFactory.create())
    assert "Server-Timing" not in client.get("/accounts/profile/")
