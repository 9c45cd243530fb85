"""What the viewsets of all models share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from core.api.exceptions import Conflict
from core.api.filters import ListedOrderingFilter


@contextmanager
def refusals() -> Iterator[None]:
    """Save all or nothing, and answer 409 to what the database refuses.

    Another request may have taken a unique value after it was found to be free.
    """
    try:
        with transaction.atomic():
            yield
    except (ProtectedError, RestrictedError) as error:
        raise Conflict(_("Other objects still need this one.")) from error
    except IntegrityError as error:
        raise Conflict from error


class AtomicModelViewSet(ModelViewSet):
    filter_backends = [DjangoFilterBackend, ListedOrderingFilter]
    ordering_fields: list[str] = []
    lookup_value_converter = "int"

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with refusals():
            return super().create(request, *args, **kwargs)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with refusals():
            return super().update(request, *args, **kwargs)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with refusals():
            return super().destroy(request, *args, **kwargs)
