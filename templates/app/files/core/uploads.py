"""What people may upload, and what becomes of it."""

from functools import partial
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import FileField, Model
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
    if extension not in FILE_EXTENSIONS:
        raise ValidationError(
            _("Files of this kind are not taken. Allowed: %(extensions)s"),
            code="invalid_extension",
            params={"extensions": ", ".join(sorted(FILE_EXTENSIONS))},
        )


def validate_file_size(file: File) -> None:
    if file.size > MAX_FILE_SIZE:
        raise ValidationError(
            _("The file is larger than %(size)s."),
            code="too_large",
            params={"size": filesizeformat(MAX_FILE_SIZE)},
        )


def delete_files(sender: type[Model], instance: Model, **_kwargs: Any) -> None:
    """Delete the files of a deleted object, once nothing can bring it back."""
    for field in sender._meta.concrete_fields:
        file = getattr(instance, field.attname)
        if isinstance(field, FileField) and file:
            transaction.on_commit(partial(file.storage.delete, file.name), robust=True)
