import subprocess
import sys
from typing import Any


class PytestRunner:
    """Lets `manage.py test` run pytest, which uses its own settings."""

    def __init__(self, **options: Any) -> None:
        pass

    def run_tests(self, labels: list[str], **options: Any) -> int:
        return subprocess.call([sys.executable, "-m", "pytest", *labels])
