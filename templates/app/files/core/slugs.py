"""Slugs that no other object of the model has."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.crypto import get_random_string
from django.utils.text import slugify

RANDOM_CHARACTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # no two look alike


def save_with_unique_slug(
    instance: Model,
    text: str,
    save: Callable[..., None],
    *args: Any,
    field_name: str = "slug",
    **kwargs: Any,
) -> None:
    """Save the object under the first slug of the text that is free.

    Another object may take the slug between the look and the save: then the next
    one is tried.
    """
    if fields := kwargs.get("update_fields"):
        kwargs["update_fields"] = {*fields, field_name}
    max_length: Any = getattr(instance._meta.get_field(field_name), "max_length", None)
    fallback = str(instance._meta.model_name)
    for slug in slug_candidates(text, fallback, max_length):
        if is_taken(instance, field_name, slug):
            continue
        setattr(instance, field_name, slug)
        try:
            with transaction.atomic():
                save(*args, **kwargs)
        except IntegrityError:
            if not is_taken(instance, field_name, slug):
                raise
        else:
            return
    raise IntegrityError(f"No slug for {text!r} is free.")


def slug_candidates(text: str, fallback: str, max_length: int | None) -> Iterator[str]:
    """Yield the slug of the text: plain, with a 2, and then with random characters.

    Text without a letter or digit that a slug may hold gives the fallback.
    """
    base = (slugify(text) or fallback)[:max_length].strip("-")
    yield base
    for suffix in ["2", *(get_random_string(6, RANDOM_CHARACTERS) for _ in range(3))]:
        if max_length is None:
            yield f"{base}-{suffix}"
        else:
            stem = base[: max(max_length - len(suffix) - 1, 0)].rstrip("-")
            yield f"{stem}-{suffix}".lstrip("-")[:max_length]


def is_taken(instance: Model, field_name: str, slug: str) -> bool:
    others = type(instance)._default_manager.exclude(pk=instance.pk)
    return others.filter(**{field_name: slug}).exists()
