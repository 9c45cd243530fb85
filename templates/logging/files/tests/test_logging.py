import pytest
from django.test import Client
from structlog.testing import capture_logs

from accounts.tests.factories import UserFactory


@pytest.mark.django_db
def test_a_request_has_one_line_without_its_query(client: Client) -> None:
    client.force_login(UserFactory.create())
    with capture_logs() as lines:
        client.get("/accounts/profile/", {"q": "a-secret"})
    assert [line["code"] for line in lines if line["log_level"] == "info"] == [200]
