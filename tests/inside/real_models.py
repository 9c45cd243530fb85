"""Tell of the models of some apps, and open and send all that is generated for them.

`real_models.py PROJECT ANSWER labels|models APP...` and `real_models.py PROJECT ANSWER ask LABEL.MODEL...` write JSON.
"""

import datetime
import itertools
import json
import os
import sys
import traceback
import uuid
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

PROJECT = Path(sys.argv[1])
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

import django  # noqa: E402
from django.conf import settings  # noqa: E402

settings.DEBUG = False  # what visitors see
settings.REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = []
django.setup()

from django import forms  # noqa: E402
from django.apps import apps  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.validators import FileExtensionValidator  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Field, Model  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import URLPattern, URLResolver, get_resolver, reverse  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
GIF += b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
ROUNDS = 3  # a row that one round makes is what the next one's relations point at
numbers = itertools.count(1)


# --- What Django reports ----------------------------------------------------------------------------------------------


def labels(names: list[str]) -> list[str]:
    return [apps.get_app_config(config.label).label for config in configs(names)]


def configs(names: list[str]) -> list[Any]:
    """Return the apps in the order of `names`, which are entries of `INSTALLED_APPS`."""
    found = {config.name: config for config in apps.get_app_configs()}
    return [found[name] for name in names]


def models(names: list[str]) -> list[dict[str, Any]]:
    return [
        {"app": config.label, "name": model.__name__, "fields": list(editable(model))}
        for config in configs(names)
        for model in config.get_models()
    ]


def editable(model: type[Model]) -> Iterator[str]:
    """Yield the names that `fields_for_model` has, also where making a form's field needs more than the models."""
    private = [field for field in model._meta.private_fields if isinstance(field, Field)]
    for field in sorted([*model._meta.concrete_fields, *private, *model._meta.many_to_many]):
        if getattr(field, "editable", False):
            try:
                shown = field.formfield() is not None
            except Exception:
                shown = True
            if shown:
                yield field.name


# --- What is generated ------------------------------------------------------------------------------------------------


def form_fields(model: type[Model]) -> list[str]:
    """Return what the form that is generated for `model` lists."""
    try:
        module = import_module(f"{apps.get_app_config(model._meta.app_label).name}.forms")
    except ModuleNotFoundError:
        return []
    form = getattr(module, f"{model.__name__}Form", None)
    meta = getattr(form, "Meta", None)
    return list(meta.fields) if meta and meta.model is model else []


def patterns(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield the full name and the view of every named address."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            own = (pattern.namespace,) if pattern.namespace else ()
            yield from patterns(pattern, namespaces + own)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield ":".join([*namespaces, pattern.name]), pattern.callback


def create_pages() -> dict[type[Model], str]:
    pages = {}
    for name, view in patterns(get_resolver()):
        form = getattr(getattr(view, "view_class", None), "form_class", None)
        if name.endswith("-create") and form:
            pages[form.Meta.model] = reverse(name)
    return pages


def api_lists() -> dict[type[Model], tuple[str, Any]]:
    lists = {}
    for name, view in patterns(get_resolver()):
        serializer = getattr(getattr(view, "cls", None), "serializer_class", None)
        if name.endswith("-list") and serializer and issubclass(serializer, serializers.ModelSerializer):
            lists.setdefault(serializer.Meta.model, (reverse(name), view.cls))
    return lists


# --- Values -----------------------------------------------------------------------------------------------------------


def clipped(text: str, field: Any) -> str:
    return text[-field.max_length :] if getattr(field, "max_length", None) else text


def within(field: Any) -> int:
    smallest = getattr(field, "min_value", None)
    largest = getattr(field, "max_value", None)
    number = next(numbers) % 100 if smallest is None else max(smallest, 1)
    return number if largest is None else min(number, largest)


def first_choice(choices: Any) -> Any:
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            value = first_choice(label)
        if value not in ("", None):
            return value
    return ""


def form_value(field: forms.Field) -> Any:
    """Return what somebody might enter; "" where there is nothing to choose."""
    number = next(numbers)
    now = datetime.datetime(2024, 1, 1, 12, 30) + datetime.timedelta(days=number)
    match field:
        case forms.ModelMultipleChoiceField():
            return [field.prepare_value(row) for row in field.queryset[:1]]
        case forms.ModelChoiceField():
            # A relation that must be unique needs a row that no other one points at.
            rows = list(field.queryset.order_by("-pk")[:1])
            return field.prepare_value(rows[0]) if rows else ""
        case forms.MultipleChoiceField():
            return [value] if (value := first_choice(field.choices)) != "" else []
        case forms.NullBooleanField():
            return "true"
        case forms.ChoiceField():
            return first_choice(field.choices)
        case forms.BooleanField():
            return "on"
        case forms.ImageField():
            return SimpleUploadedFile(f"{number}.gif", GIF, "image/gif")
        case forms.FileField():
            rules = [rule for rule in field.validators if isinstance(rule, FileExtensionValidator)]
            extension = rules[0].allowed_extensions[0] if rules else "txt"
            return SimpleUploadedFile(f"{number}.{extension}", b"text", "text/plain")
        case forms.JSONField():
            return '{"key": "value"}'
        case forms.UUIDField():
            return str(uuid.uuid4())
        case forms.EmailField():
            return f"grace{number}@example.org"
        case forms.URLField():
            return f"https://example.org/{number}"
        case forms.SlugField():
            return clipped(f"slug-{number}", field)
        case forms.GenericIPAddressField():
            return f"192.0.2.{number % 255}"
        case forms.SplitDateTimeField():
            return now
        case forms.DateTimeField():
            return now.strftime("%Y-%m-%d %H:%M")
        case forms.DateField():
            return now.strftime("%Y-%m-%d")
        case forms.TimeField():
            return "12:30"
        case forms.DurationField():
            return "1 00:00:00"
        case forms.DecimalField() | forms.FloatField() | forms.IntegerField():
            return str(within(field))
    return clipped(f"Text {number}", field)


def form_data(form: forms.BaseForm) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = form_value(field)
        key = form.add_prefix(name)
        if isinstance(field.widget, forms.MultiWidget):
            parts = field.widget.decompress(value)
            data |= {key + suffix: part for suffix, part in zip(field.widget.widgets_names, parts, strict=False)}
        elif value != "":
            data[key] = value
    return {name: value for name, value in data.items() if value is not None}


def api_value(field: serializers.Field) -> Any:
    number = next(numbers)
    now = datetime.datetime(2024, 1, 1, 12, 30, tzinfo=datetime.UTC) + datetime.timedelta(days=number)
    match field:
        case serializers.ManyRelatedField():
            return [value] if (value := api_value(field.child_relation)) is not None else []
        case serializers.RelatedField():
            rows = list(field.get_queryset().order_by("-pk")[:1])
            return field.to_representation(rows[0]) if rows else None
        case serializers.MultipleChoiceField():
            return [*field.choices][:1]
        case serializers.ChoiceField():
            return next((value for value in field.choices if value not in ("", None)), None)
        case serializers.BooleanField():
            return True
        case serializers.FileField():
            return None
        case serializers.JSONField() | serializers.DictField():
            return {"key": "value"}
        case serializers.ListField():
            return []
        case serializers.UUIDField():
            return str(uuid.uuid4())
        case serializers.EmailField():
            return f"ada{number}@example.org"
        case serializers.URLField():
            return f"https://example.org/api/{number}"
        case serializers.SlugField():
            return clipped(f"slug-{number}", field)
        case serializers.IPAddressField():
            return f"192.0.2.{number % 255}"
        case serializers.DateTimeField():
            return now.isoformat()
        case serializers.DateField():
            return now.date().isoformat()
        case serializers.TimeField():
            return "12:30:00"
        case serializers.DurationField():
            return "1 00:00:00"
        case serializers.DecimalField():
            return str(Decimal(within(field)))
        case serializers.FloatField() | serializers.IntegerField():
            return within(field)
    return clipped(f"Text {number}", field)


def api_data(view: Any, user: Model) -> dict[str, Any]:
    request = Request(HttpRequest())
    request.user = user
    fields = view.serializer_class(context={"request": request}).fields
    data = {name: api_value(field) for name, field in fields.items() if not field.read_only}
    return {name: value for name, value in data.items() if value is not None or fields[name].allow_null}


# --- Asking -----------------------------------------------------------------------------------------------------------


class Visit:
    """A superuser's requests, with the errors that they met."""

    def __init__(self, generated: set[Path]) -> None:
        setup_test_environment()
        self.user = get_user_model().objects.create_superuser("grace", "grace@example.org", "for the bench only")
        self.browser = Client(raise_request_exception=False)
        self.browser.force_login(self.user, settings.AUTHENTICATION_BACKENDS[-1])
        self.api = APIClient(raise_request_exception=False)
        self.api.force_authenticate(self.user)
        self.generated = generated
        self.failures: dict[str, dict[str, Any]] = {}

    def ask(self, client: Client, method: str, url: str, *arguments: Any, **options: Any) -> HttpResponse | None:
        """Return the answer; None where rendering it failed outside of what Django catches."""
        response = getattr(client, method)(url, *arguments, **options)
        if response.status_code >= 500:
            error = response.exc_info[1] if getattr(response, "exc_info", None) else None
            self.failures.setdefault(f"{method.upper()} {url.partition('?')[0]}", self.told(error))
        return response

    def told(self, error: BaseException | None) -> dict[str, Any]:
        frames = traceback.extract_tb(error.__traceback__) if error else []
        ours = [frame for frame in frames if PROJECT in Path(frame.filename).parents]
        return {
            "error": f"{type(error).__name__}: {error}"[:300],
            "at": f"{ours[-1].filename}:{ours[-1].lineno}" if ours else "",
            # The last of the project's own lines is not generated: any page that uses the model fails so.
            "own": bool(ours) and Path(ours[-1].filename).relative_to(PROJECT).as_posix() not in self.generated,
        }


def make_tables() -> None:
    """Make the tables of models that Django does not manage, which here nobody else makes."""
    there = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if not model._meta.managed and not model._meta.proxy and model._meta.db_table not in there:
                editor.create_model(model)


def new_user() -> None:
    """Make a user for a relation that allows one row for each."""
    name = f"user{next(numbers)}"
    get_user_model().objects.create_user(name, f"{name}@example.org")


def ask_page(visit: Visit, url: str, answer: dict[str, Any]) -> None:
    page = visit.ask(visit.browser, "get", url)
    answer["page"] = page.status_code
    form = page.context and page.context.get("form")
    if page.status_code != 200 or form is None:
        return
    visit.ask(visit.browser, "post", url, {})
    new_user()
    sent = visit.ask(visit.browser, "post", url, form_data(form))
    if answer["sent"] != 302:
        answer["sent"] = sent.status_code
        if sent.status_code == 200 and (form := sent.context and sent.context.get("form")):
            answer["errors"] = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    if sent.status_code == 302:
        visit.ask(visit.browser, "get", sent.url)  # the page of what was made
    visit.ask(visit.browser, "get", url.removesuffix("new/"))


def ask_api(visit: Visit, url: str, view: Any, answer: dict[str, Any]) -> None:
    new_user()
    posted = visit.ask(visit.api, "post", url, api_data(view, visit.user), format="json")
    if answer["posted"] != 201:
        answer["posted"] = posted.status_code
        answer["refused"] = getattr(posted, "data", None) if posted.status_code == 400 else None
    visit.ask(visit.api, "post", url, {}, format="json")
    answer["list"] = visit.ask(visit.api, "get", url).status_code
    visit.ask(visit.api, "get", f"{url}?search=a")
    for name in getattr(view, "ordering_fields", []):
        visit.ask(visit.api, "get", f"{url}?ordering={name}")
    if posted.status_code == 201 and "id" in posted.data:
        visit.ask(visit.api, "get", f"{url}{posted.data['id']}/")


def ask(names: list[str]) -> dict[str, Any]:
    make_tables()
    base = (PROJECT / ".djscaffold/base").read_text(encoding="utf-8").splitlines()
    heads = [line.split() for line in base if line.startswith("file ")]
    visit = Visit({path for *_, kind, _, path in heads if kind == "managed"})
    pages, lists = create_pages(), api_lists()
    answers = {
        name: {
            "fields": form_fields(apps.get_model(name)),
            "page": None,
            "sent": None,
            "list": None,
            "posted": None,
        }
        for name in names
    }
    for _ in range(ROUNDS):
        for name, answer in answers.items():
            model = apps.get_model(name)
            if model in pages:
                ask_page(visit, pages[model], answer)
            if model in lists:
                ask_api(visit, *lists[model], answer)
    visit.ask(visit.api, "get", reverse("api-schema"))
    return {"models": answers, "failures": [{"request": request, **told} for request, told in visit.failures.items()]}


_, _, target, what, *arguments = sys.argv
answer = {"labels": labels, "models": models, "ask": ask}[what](arguments)
Path(target).write_text(json.dumps(answer, indent=1, default=str), encoding="utf-8")
