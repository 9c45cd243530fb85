import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

VARIABLES = dict(
    re.findall(
        r"^(?:# )?(\w+)=(.*)$",
        (settings.BASE_DIR / ".env.example").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)
EXAMPLES = {name: value for name, value in VARIABLES.items() if "change-me" in value}
# Something long and varied enough for a key, and SQLite as its driver is always there.
GOOD = {
    name: example.replace("change-me", "n0t-an-example-" * 4)
    for name, example in EXAMPLES.items()
} | {"DATABASE_URL": "sqlite://:memory:"}


def check_deployment(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run in a process of its own, as settings are read only once.

    What is empty counts as not set, and hides what the developer has set.
    """
    production = dict.fromkeys(VARIABLES, "") | {
        "DJANGO_SETTINGS_MODULE": "config.settings.production"
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=settings.BASE_DIR,
        env=os.environ | production | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_passes_the_deployment_check() -> None:
    result = check_deployment(GOOD)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("environment", [dict.fromkeys(EXAMPLES, ""), EXAMPLES])
def test_production_refuses_to_start_and_names_all_at_once(
    environment: dict[str, str],
) -> None:
    result = check_deployment(environment)
    assert result.returncode != 0
    assert all(name in result.stderr for name in EXAMPLES)
