"""What tests of the APIs of several apps need."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any

from django.core.files.base import File
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django_filters import Filter
from rest_framework.response import Response
from rest_framework.serializers import FileField, ManyRelatedField, ModelSerializer
from rest_framework.test import APIClient, APIRequestFactory

from accounts.models import CustomUser
from core.tests import helpers

METHODS = {
    "create": "post",
    "update": "put",
    "partial_update": "patch",
    "delete": "delete",
    "publish": "post",
}

# Nothing may break at any of these, whether a field takes it or not.
JUNK = [
    "\0",
    "9" * 30,
    "-1e999999",
    "NaN",
    "1.23456789012345678901234567890",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "9999999999 00:00:00",
    "x" * 10_000,
    "½",
]


def client_of(user: CustomUser | None) -> APIClient:
    """Return the client of the user as the next request would find them."""
    client = APIClient()
    if user:
        client.force_authenticate(CustomUser.objects.get(pk=user.pk))
    return client


def call(
    client: APIClient, action: str, url: str, data: Mapping[str, Any] | None = None
) -> Response:
    """Send the data for the action: as a form if there are files among them."""
    method = getattr(client, METHODS[action])
    if any(isinstance(value, File) for value in (data or {}).values()):
        response: Response = method(url, form_data(data or {}), format="multipart")
    else:
        response = method(url, data, format="json")
    return response


def form_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data as a form sends it: keys one by one, and other JSON as text."""
    form = {}
    for name, value in data.items():
        if value is None:
            form[name] = ""
        elif isinstance(value, dict | list) and not is_list_of_keys(value):
            form[name] = json.dumps(value)
        else:
            form[name] = value
    return form


def is_list_of_keys(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, int) for item in value)


def make_serializer(
    serializer_class: type[ModelSerializer[Any]], instance: Model, user: CustomUser
) -> ModelSerializer[Any]:
    request = APIRequestFactory().get("/")
    request.user = user
    return serializer_class(instance, context={"request": request})


def writable_data(serializer: ModelSerializer[Any]) -> dict[str, Any]:
    """Return what a client sends to make the serializer's object as it is."""
    data = {}
    for name, value in serializer.data.items():
        field = serializer.fields[name]
        if field.read_only:
            continue
        if not isinstance(field, FileField):
            data[name] = value
        elif file := getattr(serializer.instance, name):
            data[name] = SimpleUploadedFile(PurePath(file.name).name, file.read())
    return data


def differences(
    serializer: ModelSerializer[Any], sent: Mapping[str, Any], answer: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Return what has not come back as it was sent."""
    return {
        name: (value, answer[name])
        for name, value in sent.items()
        if not is_same(serializer.fields[name], value, answer[name])
    }


def is_same(field: Any, sent: Any, answer: Any) -> bool:
    if sent is None or answer is None:
        return sent is answer
    if isinstance(sent, File):
        return PurePath(str(sent.name)).stem in answer
    if isinstance(field, ManyRelatedField):
        return set(sent) == set(answer)
    return bool(field.to_internal_value(sent) == field.to_internal_value(answer))


def filter_value(
    asked: Filter, instance: Model, answer: Mapping[str, Any]
) -> tuple[Any, Any]:
    """Return the value by which the filter finds the object, and how a client sends it.

    Where the object has none, it is a value by which the filter finds nothing.
    """
    name = asked.field_name.removesuffix("__pk")
    sent, value = answer[name], getattr(instance, name)
    if asked.lookup_expr == "isnull":
        return sent is None, str(sent is None).lower()
    if name != asked.field_name:
        key = next(iter(sent), 0) if isinstance(sent, list) else sent or 0
        return key, key
    if isinstance(sent, bool):
        return value, str(sent).lower()
    return [value] if asked.lookup_expr == "in" else value, sent


def send_junk(send: Callable[[dict[str, str]], Any], names: Iterable[str]) -> None:
    """Send each value for all names at once, and then for those that are not refused."""
    for value in JUNK:
        response = send(dict.fromkeys(names, value))
        if response.status_code == 400:
            refused = {error["field"] for error in response.json()["errors"]}
            response = send({name: value for name in names if name not in refused})
        assert response.status_code == 200, (value, response.text)


def count_queries(user: CustomUser, url: str) -> int:
    return helpers.count_queries(client_of(user), url)
