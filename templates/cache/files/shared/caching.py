"""Cached pages, shared by visitors who are not logged in."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import cache_control, cache_page

View = Callable[..., HttpResponseBase]


def version() -> Any:
    """Return a value that changes when shared pages may have changed."""
    return cache.get_or_set("shared-version", time.time_ns, timeout=None)


def renew(**kwargs: Any) -> None:
    """Invalidate shared pages once the change is committed."""
    transaction.on_commit(
        lambda: cache.set("shared-version", time.time_ns(), timeout=None), robust=True
    )


def cache_for_visitors(view: View) -> View:
    """Cache the page of visitors until something changes."""
    # Cached on the server only: browsers ask every time.
    fresh = cache_control(max_age=0)(view)

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Messages are for one visitor; query strings can be anything, and would fill the cache.
        if request.user.is_authenticated or request.GET or len(get_messages(request)):
            return view(request, *args, **kwargs)
        seconds = settings.CACHE_MIDDLEWARE_SECONDS
        cached = cache_page(seconds, key_prefix=str(version()))(fresh)
        return cached(request, *args, **kwargs)

    return wrapper
