from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView
from rest_framework.request import Request


class LoginRateThrottle(SimpleRateThrottle):
    """Counts by address alone, as whoever guesses passwords is not logged in."""

    scope = "login"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.cache_format % {
            "scope": self.scope,
            "ident": self.get_ident(request),
        }
