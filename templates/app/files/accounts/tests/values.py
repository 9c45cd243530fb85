"""Values that a field accepts, for those that factories know nothing of."""

import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Field, Model


def value_of(model: type[Model], name: str, number: int = 0) -> Any:
    """Return a value for a field; with another number another one, if there are more."""
    field: Any = model._meta.get_field(name)
    return related_to(field, number) if field.is_relation else accepted(field, number)


def typed(built: Model, name: str) -> Any:
    """Return the value of an instance, or for a relation a key, as a form takes it."""
    field: Any = built._meta.get_field(name)
    if field.is_relation:
        return related_to(field, 0).pk
    return field.formfield().prepare_value(getattr(built, name))


def sent(built: Model, name: str) -> Any:
    """Return the same as a client of the API sends it."""
    field: Any = built._meta.get_field(name)
    value = related_to(field, 0).pk if field.is_relation else getattr(built, name)
    return value if isinstance(value, bool | float | int | list | dict) else str(value)


def accepted(field: Any, number: int) -> Any:
    choices = [value for value, _label in field.flatchoices]
    if choices:
        return choices[number % len(choices)]
    for candidate in candidates(field, number):
        try:
            return field.clean(candidate, None)
        except (
            ArithmeticError,
            AttributeError,
            TypeError,
            ValueError,
            ValidationError,
        ):
            continue
    raise ValueError(
        f"{field} accepts nothing that is tried here: give its factory a value."
    )


def candidates(field: Any, number: int) -> list[Any]:
    limits = [getattr(validator, "limit_value", None) for validator in field.validators]
    limits = [limit() if callable(limit) else limit for limit in limits]
    numbers = [
        limit + step
        for limit in limits
        if isinstance(limit, int)
        for step in (number, -number)
    ]
    day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(
        hours=number
    )
    parts = [accepted(field.base_field, number)] if hasattr(field, "base_field") else []
    letters = [chr(ord("A") + number % 26) * length for length in range(1, 13)]
    return [
        parts,
        number,
        *numbers,
        *limits,
        f"value-{number}",
        *letters,
        *[f"{number:0{length}}" for length in range(1, 17)],
        f"value{number}@example.com",
        f"https://example.com/{number}",
        f"192.0.2.{number % 256}",
        day,
        day.date(),
        day.time(),
        day + datetime.timedelta(days=3650),
        datetime.timedelta(minutes=number),
        UUID(int=number),
        {"number": number},
        b"value",
        True,
    ]


def related_to(field: Any, number: int) -> Model:
    """Return a row that a relation can lead to, of those that there are if it need not be another one."""
    model, limits = field.remote_field.model, field.get_limit_choices_to()
    found = model._default_manager.complex_filter(limits).first()
    if found and not field.unique:
        return found
    return model._default_manager.create(
        **{
            other.name: value_of(model, other.name, number)
            for other in model._meta.concrete_fields
            if is_required(other)
        }
        | (limits if isinstance(limits, dict) else {})
    )


def is_required(field: Field) -> bool:
    return not (
        field.null
        or field.blank
        or field.has_default()
        or (field.primary_key and not field.editable)
    )
