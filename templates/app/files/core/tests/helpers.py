"""What tests of several apps need."""

from pathlib import Path
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def form_data(form: forms.BaseForm, /, **changes: Any) -> dict[str, Any]:
    """Return what a browser posts when it submits the form as it is shown."""
    data: dict[str, Any] = {}
    for bound_field in form:
        value, widget = bound_field.value(), bound_field.field.widget
        if isinstance(widget, forms.FileInput):
            if value:
                name = Path(value.name).name
                data[bound_field.name] = SimpleUploadedFile(name, value.read())
        elif isinstance(widget, forms.CheckboxInput):
            if value:
                data[bound_field.name] = "on"
        else:
            shown = widget.format_value(value)
            if isinstance(shown, list) and not isinstance(widget, forms.SelectMultiple):
                shown = shown[0] if shown else None
            if shown is not None:
                data[bound_field.name] = shown
    return data | changes


def count_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def grant(user: AbstractUser, *permissions: str) -> None:
    """Give the user permissions by name, such as "blog.add_post"."""
    for permission in permissions:
        app_label, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app_label, codename=codename)
        )
