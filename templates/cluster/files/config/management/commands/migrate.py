"""`manage.py migrate`, one at a time, whichever machines run it."""

import time
from typing import Any

from django.core.management.commands import migrate
from django.db import connections

LOCK = "SELECT pg_try_advisory_lock(20170521)"  # any number that nothing else locks
UNLOCK = "SELECT pg_advisory_unlock(20170521)"


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql" or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            # No statement may wait: CREATE INDEX CONCURRENTLY would wait for it.
            while not cursor.execute(LOCK).fetchone()[0]:
                time.sleep(1)
            try:
                super().handle(*args, **options)
            finally:
                cursor.execute(UNLOCK)
