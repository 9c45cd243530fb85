import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Limits that one test has counted are none of the next one's."""
    cache.clear()
