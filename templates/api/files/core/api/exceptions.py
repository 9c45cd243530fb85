from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException


class Conflict(APIException):
    """The request is sound, and the state of things does not allow it."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This is in conflict with the current state.")
    default_code = "conflict"
