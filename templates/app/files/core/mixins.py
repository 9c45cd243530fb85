"""What class-based views share."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.views.generic.detail import SingleObjectMixin
from django.views.generic.edit import FormMixin

from core.permissions import check_permission


class ObjectPermissionMixin(LoginRequiredMixin, SingleObjectMixin):
    """Let in whoever has `object_permission` on the view's object.

    To others an object that they may see is forbidden, and any other is not there.
    """

    request: HttpRequest
    object_permission: str

    def get_queryset(self) -> QuerySet[Any]:
        queryset: Any = super().get_queryset()
        visible: QuerySet[Any] = queryset.visible_to(self.request.user)
        return visible

    def get_object(self, queryset: QuerySet[Any] | None = None) -> Any:
        obj = super().get_object(queryset)
        check_permission(self.request.user, self.object_permission, obj)
        return obj


class UserFormMixin(FormMixin):
    """Hand the request's user to the form."""

    request: HttpRequest

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}
