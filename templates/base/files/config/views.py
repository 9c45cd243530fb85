import logging
import sys

from django.db import DataError, IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views import defaults

logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's error page, unless the database refused a value (400) or is away (503)."""
    error = sys.exception()
    if isinstance(error, DataError | IntegrityError):
        logger.error("The database refused a value", exc_info=error)
        return defaults.bad_request(request, error)
    response = defaults.server_error(request)
    if isinstance(error, OperationalError):
        response.status_code = 503
        response["Retry-After"] = "5"
    return response
