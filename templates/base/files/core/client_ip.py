from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """
    The address of the client, as far as it can be believed.

    Each proxy appends the address that it saw, so only the last
    TRUSTED_PROXY_COUNT entries of X-Forwarded-For were not written by the client.
    """
    forwarded = request.headers.get("X-Forwarded-For", "")
    addresses = [address.strip() for address in forwarded.split(",") if address.strip()]
    trusted = min(settings.TRUSTED_PROXY_COUNT, len(addresses))
    return addresses[-trusted] if trusted else request.META.get("REMOTE_ADDR", "")
