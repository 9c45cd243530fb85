"""Answers probes: does this process live, and can it serve?"""

import logging
from collections.abc import Callable

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase

logger = logging.getLogger(__name__)


class HealthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/health/live/":
            return HttpResponse("ok")
        if request.path_info == "/health/ready/":
            trouble = find_trouble()
            return HttpResponse(trouble or "ok", status=503 if trouble else 200)
        return self.get_response(request)


def find_trouble() -> str:
    try:
        executor = MigrationExecutor(connection)  # asks what has been applied
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "migrations"
    except Error:
        logger.exception("The database does not answer")
        return "database"
    return ""
