from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction


def retry_on_conflict(view: Callable[..., Any]) -> Callable[..., Any]:
    """Run the view in a transaction, and again if a unique value was taken meanwhile.

    The second time, forms report the value, and slugs get another one.
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
