from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """Return the address of the client, as far as it can be believed.

    Each proxy appends the address that it saw, so only the last
    TRUSTED_PROXY_COUNT entries of X-Forwarded-For were not written by the client.
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "")
    addresses = [address.strip() for address in forwarded.split(",") if address.strip()]
    trusted = min(settings.TRUSTED_PROXY_COUNT, len(addresses))
    address = addresses[-trusted] if trusted else peer
    if address.count(":") == 1 or "]:" in address:  # some proxies add the port
        address = address.rpartition(":")[0]
    try:
        return str(ip_address(address.strip("[]")))
    except ValueError:
        return peer
