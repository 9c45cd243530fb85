from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.module_loading import module_has_submodule

EMAIL = "demo@example.com"
PASSWORD = "a-demo-password"  # noqa: S105


class Command(BaseCommand):
    help = "Fill empty tables with sample objects that belong to a demo user."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Sample objects are for development: DEBUG is off.")
        with transaction.atomic():
            user = demo_user()
            for app in apps.get_app_configs():
                if app.module and module_has_submodule(app.module, "seeds"):
                    import_module(f"{app.name}.seeds").seed(user)
        self.stdout.write(f"Log in as {user.get_username()} with {PASSWORD}")


def demo_user() -> AbstractUser:
    """Return the demo user, who may also use the admin."""
    user_model = get_user_model()
    login = {"username": "demo", "email": EMAIL}[user_model.USERNAME_FIELD]
    user, _created = user_model._default_manager.get_or_create(
        **{user_model.USERNAME_FIELD: login},
        defaults={"email": EMAIL, "is_staff": True, "is_superuser": True},
    )
    user.set_password(PASSWORD)
    user.save()
    return user
