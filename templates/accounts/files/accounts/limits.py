from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.client_ip import client_ip

HOUR = 60 * 60


def limit_emails(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """Refuse posts of a client who has just had many emails sent, to anybody."""

    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and too_many_emails(request):
            return render(request, "accounts/too_many_emails.html", status=429)
        return view(request, *args, **kwargs)

    return limited


def too_many_emails(request: HttpRequest) -> bool:
    """Count this post, and tell whether the client has had its share of the hour."""
    return posts(request) > settings.EMAILS_PER_HOUR


def posts(request: HttpRequest) -> int:
    """Count the client's posts since the first one of the hour, this one included."""
    key = f"accounts.emails:{client_ip(request)}"
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key)
    except ValueError:  # the hour has ended in between
        return 1
