import pytest
import structlog
from django.test import Client
from structlog.testing import capture_logs

from accounts.tests.factories import UserFactory


@pytest.mark.django_db
def test_a_request_has_one_line_without_its_query(client: Client) -> None:
    client.force_login(UserFactory.create())
    *configured, _formatter = structlog.get_config()["processors"]
    with capture_logs(configured) as lines:
        client.get("/accounts/profile/", {"q": "a-secret"})
    (line,) = [line for line in lines if line["log_level"] == "info"]
    assert (line["code"], line["request"]) == (200, "GET /accounts/profile/")
