"""Every error of the API is a problem document, as RFC 9457 describes it."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

# What is valid in itself, and fails because of what else there is or isn't, or of the day.
CONFLICTS = {"does_not_exist", "future", "unique", "unique_together"}


class Conflict(APIException):
    """The request is sound, and the state of things does not allow it."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = gettext_lazy("This is in conflict with the current state.")
    default_code = "conflict"


class ProblemResponse(JsonResponse):
    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        problem: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
        }
        if errors:
            problem["errors"] = errors
        self.data = problem  # where REST framework's own responses have it
        super().__init__(
            problem,
            status=status,
            headers=headers,
            content_type="application/problem+json",
        )


def handle_exception(exc: Exception, context: dict[str, Any]) -> ProblemResponse | None:
    """Turn what a view raises into a problem; what nobody expects is left to Django."""
    if isinstance(exc, SuspiciousOperation):
        exc = ParseError()
    response = exception_handler(exc, context)
    if response is None:
        return None
    del response.headers["Content-Type"]
    if not isinstance(exc, ValidationError):
        detail = response.data.get("detail", HTTPStatus(response.status_code).phrase)
        return ProblemResponse(response.status_code, detail, headers=response.headers)
    errors = list(flatten(exc.detail))
    if all(error["code"] in CONFLICTS for error in errors):
        conflict = _("Some values are in conflict with the current state.")
        return ProblemResponse(409, conflict, errors=errors, headers=response.headers)
    invalid = _("Some values are not valid.")
    return ProblemResponse(400, invalid, errors=errors, headers=response.headers)


def flatten(detail: Any, *path: str) -> Iterator[dict[str, str]]:
    """Yield the errors of a serializer with the dotted path of their fields."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            of_all_fields = key == api_settings.NON_FIELD_ERRORS_KEY
            yield from flatten(value, *path, *([] if of_all_fields else [str(key)]))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            is_message = isinstance(value, str)
            yield from flatten(value, *path, *([] if is_message else [str(index)]))
    else:
        yield {"field": ".".join(path), "code": detail.code, "detail": detail}
