"""What answers below /api/ where no view of the API does."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from core.api.exceptions import ProblemResponse


@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    return ProblemResponse(404, _("There is nothing at this address."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_api(request):
        return ProblemResponse(400, _("The request is malformed."))
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if is_for_api(request):
        return ProblemResponse(500, _("The error is on our side and has been logged."))
    return defaults.server_error(request)


def is_for_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
