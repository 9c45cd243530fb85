from collections.abc import Callable
from time import perf_counter
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware


class Timing:
    """Measures a request and its queries."""

    def __init__(self) -> None:
        self.started, self.queries = perf_counter(), 0.0
        connection.execute_wrappers.append(self)

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        started = perf_counter()
        try:
            return execute(*args)
        finally:
            self.queries += perf_counter() - started

    def end(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        connection.execute_wrappers.remove(self)
        user = getattr(request, "user", None)
        if settings.DEBUG or (user and user.is_staff):
            total = perf_counter() - self.started
            response["Server-Timing"] = (
                f"total;dur={total * 1000:.1f}, db;dur={self.queries * 1000:.1f}"
            )
        return response


@sync_and_async_middleware
def server_timing(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    def synchronous(request: HttpRequest) -> HttpResponseBase:
        timing = Timing()
        return timing.end(request, get_response(request))

    async def asynchronous(request: HttpRequest) -> HttpResponseBase:
        timing = await sync_to_async(Timing)()
        return await sync_to_async(timing.end)(request, await get_response(request))

    return asynchronous if iscoroutinefunction(get_response) else synchronous
