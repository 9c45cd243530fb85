"""What people search for."""

MAX_LENGTH = 200


def clean_search(text: str) -> str:
    """Cut what databases refuse: NUL, and patterns without end."""
    return text.replace("\0", "").strip()[:MAX_LENGTH]
