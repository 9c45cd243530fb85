import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views import defaults


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's error page; without the database it is a 503, which is temporary."""
    response = defaults.server_error(request)
    if isinstance(sys.exception(), OperationalError):
        response.status_code = 503
        response["Retry-After"] = "5"
    return response
