from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """Return the address of the client, as far as it can be believed.

    Of an IPv6 address only the network: whoever has one has 2**64 of them.

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
        ip = ip_address(address.strip("[]"))
    except ValueError:
        return peer
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
    return str(ip)
