from typing import Any, NamedTuple

from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.serializers import IntegerField
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView


class Position(NamedTuple):
    """Where an object stands in a list; the key decides between equal values."""

    value: Any
    pk: Any


class KeysetPagination(CursorPagination):
    """Pages that start from an object, not after a number of them.

    So a page far back costs what the first one does, and what is added or deleted
    meanwhile makes no other object appear twice or not at all. The first field of the
    ordering counts and then the key; objects without a value come last.
    """

    page_size: int = 20
    page_size_query_param: str = "page_size"
    max_page_size: int = 100
    page: list[Any]
    base_url: str

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        self.base_url = request.build_absolute_uri()
        self.set_order(queryset.model, self.get_ordering(request, queryset, view)[0])
        size = self.get_page_size(request)
        self.backwards, self.position = self.get_position(request)
        objects: list[Any] = []
        for part in self.get_parts(queryset):
            # One more than is shown tells whether there is another page.
            objects += part[: size + 1 - len(objects)]
            if len(objects) > size:
                break
        self.page = objects[:size]
        has_behind, has_ahead = self.position is not None, len(objects) > size
        if self.backwards:
            self.page.reverse()
            self.has_next, self.has_previous = has_behind, has_ahead
        else:
            self.has_next, self.has_previous = has_ahead, has_behind
        return self.page

    def get_page_size(self, request: Request) -> int:
        name = self.page_size_query_param
        if name not in request.query_params:
            return self.page_size
        field = IntegerField(min_value=1, max_value=self.max_page_size)
        try:
            return field.run_validation(request.query_params[name])
        except ValidationError as error:
            raise ValidationError({name: error.detail}) from error

    def get_ordering(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> tuple[str, ...]:
        self.ordering = tuple(queryset.model._meta.ordering) or ("pk",)
        return super().get_ordering(request, queryset, view)

    def set_order(self, model: type[Model], ordering: str) -> None:
        opts = model._meta
        self.name = ordering.removeprefix("-")
        self.descending = ordering.startswith("-")
        self.pk: Any = opts.pk
        self.field: Any = opts.pk if self.name == "pk" else opts.get_field(self.name)
        # A cursor is good for the order that it was made for, and nobody makes one up.
        self.signer = Signer(salt=f"{opts.label}.{ordering}")

    def get_position(self, request: Request) -> tuple[bool, Position | None]:
        cursor = request.query_params.get(self.cursor_query_param)
        if cursor is None:
            return False, None
        try:
            backwards, position = self.signer.unsign_object(cursor)
        except BadSignature as error:
            raise NotFound(self.invalid_cursor_message) from error
        if position is None:
            return backwards, None
        value, pk = position
        return backwards, Position(self.field.to_python(value), self.pk.to_python(pk))

    def get_parts(self, queryset: QuerySet[Any]) -> list[QuerySet[Any]]:
        """Return what lies beyond the position: objects with a value, and those without.

        A plain index has the order of either part, on every database.
        """
        position = self.position
        sign, lookup = ("-", "lt") if self.descending != self.backwards else ("", "gt")
        valued = queryset.order_by(f"{sign}{self.name}", f"{sign}pk")
        if position and position.value is not None:
            # The first condition alone is what finds the place in an index.
            valued = valued.filter(
                Q((f"{self.name}__{lookup}e", position.value)),
                Q((f"{self.name}__{lookup}", position.value))
                | Q((f"pk__{lookup}", position.pk)),
            )
        if not self.field.null:
            return [valued]
        valued = valued.filter((f"{self.name}__isnull", False))
        empty = queryset.filter((f"{self.name}__isnull", True)).order_by(f"{sign}pk")
        if position and position.value is None:
            empty = empty.filter((f"pk__{lookup}", position.pk))
        parts = [empty, valued] if self.backwards else [valued, empty]
        if position and (position.value is None) != self.backwards:
            del parts[0]  # it lies behind the position
        return parts

    def get_next_link(self) -> str | None:
        if not self.has_next:
            return None
        if not self.page:  # all that was before the position is gone
            return remove_query_param(self.base_url, self.cursor_query_param)
        return self.get_link(self.page[-1], backwards=False)

    def get_previous_link(self) -> str | None:
        if not self.has_previous:
            return None
        return self.get_link(self.page[0] if self.page else None, backwards=True)

    def get_link(self, start: Model | None, *, backwards: bool) -> str:
        """Make a link to what lies beyond the object; without one, beyond the end."""
        position = None
        if start:
            is_empty = self.field.value_from_object(start) is None
            value = None if is_empty else self.field.value_to_string(start)
            position = value, self.pk.value_to_string(start)
        cursor = self.signer.sign_object((backwards, position))
        return replace_query_param(self.base_url, self.cursor_query_param, cursor)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        properties = {"next": link, "previous": link, "results": schema}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {
                    "minimum": 1,
                    "maximum": self.max_page_size,
                    "default": self.page_size,
                }
        return parameters
