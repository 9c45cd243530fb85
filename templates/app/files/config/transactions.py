from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction


def retry_on_conflict(view: Callable[..., Any]) -> Callable[..., Any]:
    """Save all or nothing, and begin again once if a unique value was taken meanwhile.

    The second time a form finds it taken, and a slug is another.
    """

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            with transaction.atomic():
                return view(*args, **kwargs)
        except IntegrityError:
            with transaction.atomic():
                return view(*args, **kwargs)

    return run
