from typing import Any

from django.db import connections

LIMITS = ["statement_timeout", "idle_in_transaction_session_timeout"]


def lift_time_limits(using: str, **kwargs: Any) -> None:
    """Let migrations work as long as they must; they still don't wait long for locks."""
    execute_for_each_limit(using, "SET {} = 0")


def restore_time_limits(using: str, **kwargs: Any) -> None:
    execute_for_each_limit(using, "RESET {}")


def execute_for_each_limit(using: str, statement: str) -> None:
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for limit in LIMITS:
                cursor.execute(statement.format(limit))
