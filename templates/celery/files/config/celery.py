"""Celery: what need not be done before the next page is shown."""

import logging
import os
from typing import Any

from celery import Celery
from celery.contrib.django.task import DjangoTask
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

logger = logging.getLogger(__name__)


class Task(DjangoTask):
    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Go on without a broker; the log keeps what was to be done."""

        def delay() -> None:
            try:
                self.delay(*args, **kwargs)
            except OperationalError:
                logger.exception("Not queued: %s %s %s", self.name, args, kwargs)

        transaction.on_commit(delay)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do nothing when it is done, and only its worker died before saying so."""
        done = f"task-done-{self.request.id}"
        if self.request.id and cache.get(done):
            return None
        result = super().__call__(*args, **kwargs)
        cache.set(done, True, timeout=24 * 60 * 60)
        return result


app = Celery("config", task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
