"""How often one may call the API; addresses count as they do for the lock-out."""

from typing import TYPE_CHECKING, Any

from rest_framework import throttling
from rest_framework.request import Request
from rest_framework.settings import api_settings

from core.client_ip import client_ip

if TYPE_CHECKING:  # at run time the views import this module
    from rest_framework.views import APIView


class RateThrottle(throttling.SimpleRateThrottle):
    scope: str

    def get_rate(self) -> str | None:
        """Read the rate when it is needed: tests change it."""
        rates: Any = api_settings.DEFAULT_THROTTLE_RATES
        rate: str | None = rates[self.scope]
        return rate

    def get_ident(self, request: Request) -> str:
        return client_ip(request._request)


class AnonymousRateThrottle(RateThrottle, throttling.AnonRateThrottle):
    scope = "anonymous"


class UserRateThrottle(RateThrottle, throttling.UserRateThrottle):
    scope = "user"


class LoginRateThrottle(RateThrottle):
    """Counts by address alone, as whoever guesses passwords is not logged in."""

    scope = "login"

    def get_cache_key(self, request: Request, view: "APIView") -> str:
        return self.cache_format % {
            "scope": self.scope,
            "ident": self.get_ident(request),
        }
