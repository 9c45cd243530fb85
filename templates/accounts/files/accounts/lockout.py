from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest


def username(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Count failures by the address in lower case, as log-in takes it in any case."""
    return str((credentials or request.POST).get("username", "")).lower()
