"""What class-based views share."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.messages.views import SuccessMessageMixin
from django.db.models import ProtectedError, QuerySet, RestrictedError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic.detail import SingleObjectMixin
from django.views.generic.edit import DeleteView, FormMixin
from django.views.generic.list import MultipleObjectMixin

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


class DeleteObjectView(ObjectPermissionMixin, SuccessMessageMixin, DeleteView):
    """Delete the object, or say that others still need it."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except (ProtectedError, RestrictedError):
            messages.error(self.request, _("Other objects still need this one."))
            return redirect(self.object)


class PageMixin(MultipleObjectMixin):
    """Show the nearest page there is, whatever page was asked for."""

    request: HttpRequest

    def paginate_queryset(
        self, queryset: Any, page_size: int
    ) -> tuple[Any, Any, Any, bool]:
        paginator = self.get_paginator(queryset, page_size)
        page = paginator.get_page(self.request.GET.get(self.page_kwarg))
        return paginator, page, page.object_list, page.has_other_pages()


class UserFormMixin(FormMixin):
    """Hand the request's user to the form."""

    request: HttpRequest

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}
