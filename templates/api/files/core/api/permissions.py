from typing import Any

from django.contrib.auth import get_permission_codename
from django.db.models import Model
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class ObjectPermission(BasePermission):
    """Ask `user.has_perm(perm, obj)`, as the pages do.

    What may be read is up to the view's query set: all else is not there. Whoever is
    logged in may create what will be their own; other things take the permission.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.action != "create":
            return True
        model = view.get_queryset().model
        if hasattr(model, "is_owned_by"):
            return True
        return request.user.has_perm(perm("add", model))

    def has_object_permission(self, request: Request, view: Any, obj: Model) -> bool:
        if request.method in SAFE_METHODS:
            return True
        action = "delete" if request.method == "DELETE" else "change"
        return request.user.has_perm(perm(action, obj), obj)


def perm(action: str, model: Model | type[Model]) -> str:
    opts = model._meta
    return f"{opts.app_label}.{get_permission_codename(action, opts)}"
