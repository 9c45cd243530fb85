from collections.abc import Callable
from time import perf_counter
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware


class Timing:
    """How long a request took, and of that its queries."""

    def __init__(self) -> None:
        self.started = perf_counter()
        self.queries = 0.0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        started = perf_counter()
        try:
            return execute(*args)
        finally:
            self.queries += perf_counter() - started

    def watch(self) -> None:
        connection.execute_wrappers.append(self)

    def leave(self) -> None:
        connection.execute_wrappers.remove(self)

    def tell(self, request: HttpRequest, response: HttpResponseBase) -> None:
        user = getattr(request, "user", None)
        if settings.DEBUG or (user and user.is_staff):
            total = perf_counter() - self.started
            response["Server-Timing"] = (
                f"total;dur={total * 1000:.1f}, db;dur={self.queries * 1000:.1f}"
            )


@sync_and_async_middleware
def server_timing(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    def synchronous(request: HttpRequest) -> HttpResponseBase:
        timing = Timing()
        with connection.execute_wrapper(timing):
            response = get_response(request)
        timing.tell(request, response)
        return response

    async def asynchronous(request: HttpRequest) -> HttpResponseBase:
        timing = Timing()
        await sync_to_async(timing.watch)()
        try:
            response = await get_response(request)
        finally:
            await sync_to_async(timing.leave)()
        if hasattr(request, "auser"):
            request.user = await request.auser()
        timing.tell(request, response)
        return response

    return asynchronous if iscoroutinefunction(get_response) else synchronous
