from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import override_settings

from core.management.commands.seed import EMAIL, PASSWORD

pytestmark = pytest.mark.django_db


def seed() -> str:
    output = StringIO()
    call_command("seed", stdout=output)
    return output.getvalue()


def count_rows() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count() for model in apps.get_models()
    }


@override_settings(DEBUG=True)
def test_seed_makes_a_user_who_can_log_in() -> None:
    assert PASSWORD in seed()
    user = get_user_model().objects.get(email=EMAIL)
    assert user.check_password(PASSWORD)


@override_settings(DEBUG=True)
def test_seed_leaves_the_user_alone_who_is_there() -> None:
    seed()
    users = get_user_model().objects.filter(email=EMAIL)
    before = users.values().get()
    seed()
    assert users.values().get() == before


@override_settings(DEBUG=True)
def test_seed_fills_tables_once() -> None:
    empty = count_rows()
    seed()
    full = count_rows()
    assert sum(full.values()) > sum(empty.values()) + 1
    seed()
    assert count_rows() == full


def test_seed_refuses_outside_development() -> None:
    empty = count_rows()
    with pytest.raises(CommandError, match="development"):
        seed()
    assert count_rows() == empty
