"""What people may upload, and what becomes of it."""

from collections.abc import Collection
from functools import partial
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import FileField, Model
from django.db.models.fields.files import FieldFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

# Neither HTML nor SVG: a browser would run their scripts as this site's own.
FILE_EXTENSIONS = {
    ".csv",
    ".docx",
    ".jpeg",
    ".jpg",
    ".md",
    ".odt",
    ".pdf",
    ".png",
    ".pptx",
    ".txt",
    ".webp",
    ".xlsx",
    ".zip",
}
MAX_FILE_SIZE = 10 * 1024 * 1024


def validate_file_extension(file: File) -> None:
    extension = PurePath(file.name or "").suffix.lower()
    if not is_stored(file) and extension not in FILE_EXTENSIONS:
        raise ValidationError(
            _("Files of this kind are not taken. Allowed: %(extensions)s"),
            code="invalid_extension",
            params={"extensions": ", ".join(sorted(FILE_EXTENSIONS))},
        )


def validate_file_size(file: File) -> None:
    if not is_stored(file) and file.size > MAX_FILE_SIZE:
        raise ValidationError(
            _("The file is larger than %(size)s."),
            code="too_large",
            params={"size": filesizeformat(MAX_FILE_SIZE)},
        )


def is_stored(file: File) -> bool:
    """Tell a file that is stored already, and stays, from a new one."""
    return getattr(file, "_committed", False)


def remember_replaced_files(
    sender: type[Model],
    instance: Any,
    update_fields: Collection[str] | None,
    **_kwargs: Any,
) -> None:
    """Before a save, note the stored files that it replaces or clears."""
    names = [
        name
        for name in file_fields(sender)
        if update_fields is None or name in update_fields
    ]
    stored = sender._base_manager.filter(pk=instance.pk).only(*names).first()
    files = [
        (getattr(stored, name), getattr(instance, name)) for name in names if stored
    ]
    instance._replaced_files = [old for old, new in files if old and old != new]


def delete_replaced_files(instance: Any, **_kwargs: Any) -> None:
    """After the save, delete the files that it has replaced or cleared."""
    for file in instance._replaced_files:
        delete_on_commit(file)


def delete_files(sender: type[Model], instance: Model, **_kwargs: Any) -> None:
    """Before an object is deleted, make its files go with it."""
    for name in file_fields(sender):
        if file := getattr(instance, name):
            delete_on_commit(file)


def file_fields(model: type[Model]) -> list[str]:
    fields = model._meta.concrete_fields
    return [field.name for field in fields if isinstance(field, FileField)]


def delete_on_commit(file: FieldFile) -> None:
    """Delete the file once nothing can bring its row back."""
    transaction.on_commit(partial(file.storage.delete, str(file.name)), robust=True)
