from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest


def retry_on_conflict(view: Callable[..., Any]) -> Callable[..., Any]:
    """Run the view in a transaction, and again if a unique value was taken meanwhile.

    The second time, forms report the value, and slugs get another one.
    """

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            with transaction.atomic():
                return view(request, *args, **kwargs)
        except IntegrityError:
            if request.FILES:  # which the first time has moved to their place
                raise
            with transaction.atomic():
                return view(request, *args, **kwargs)

    return run
