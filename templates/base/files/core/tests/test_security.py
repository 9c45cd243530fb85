import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from core.client_ip import client_ip


@pytest.mark.django_db
def test_pages_allow_only_content_of_this_site(client: Client) -> None:
    policy = client.get(reverse("home"))["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_pages_have_neither_inline_style_nor_script(client: Client) -> None:
    page = client.get(reverse("home")).text
    assert "<script" not in page
    assert "<style" not in page
    assert "style=" not in page


@pytest.mark.parametrize(
    ("proxies", "address"),
    [
        (0, "127.0.0.1"),
        (1, "203.0.113.7"),
        (2, "198.51.100.2"),
    ],
)
def test_client_address_is_what_trusted_proxies_saw(
    rf: RequestFactory, settings: Settings, proxies: int, address: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    forwarded = "192.0.2.1, 198.51.100.2, 203.0.113.7"
    request = rf.get("/", headers={"X-Forwarded-For": forwarded})
    assert client_ip(request) == address


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.7:443", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::"),
        ("[2001:db8::7]:443", "2001:db8::"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "127.0.0.1"),
        ("203.0.113.7:443:443", "127.0.0.1"),
    ],
)
def test_client_address_is_an_address(
    rf: RequestFactory, settings: Settings, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    request = rf.get("/", headers={"X-Forwarded-For": forwarded})
    assert client_ip(request) == address


def test_client_address_without_the_header_is_the_peer(
    rf: RequestFactory, settings: Settings
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    assert client_ip(rf.get("/")) == "127.0.0.1"
