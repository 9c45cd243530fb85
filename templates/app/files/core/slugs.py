"""Slugs that no other object of the model has."""

from itertools import count

from django.db.models import Model
from django.utils.text import slugify


def unique_slug(instance: Model, text: str, field_name: str = "slug") -> str:
    """Return a slug of the text, numbered if another object has it already.

    Text without a letter or digit that a slug may hold gives the model's name.
    """
    model = type(instance)
    field = model._meta.get_field(field_name)
    max_length: int | None = getattr(field, "max_length", None)
    base = slugify(text)[:max_length].strip("-") or str(model._meta.model_name)
    others = model._default_manager.exclude(pk=instance.pk)
    slug = base
    for number in count(2):
        if not others.filter(**{field_name: slug}).exists():
            break
        suffix = f"-{number}"
        stem = base if max_length is None else base[: max_length - len(suffix)]
        slug = f"{stem.rstrip('-')}{suffix}"
    return slug
