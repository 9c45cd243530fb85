"""Settings under which nothing is limited that a machine may ask a thousand times."""

from config.settings.local import *  # noqa: F403

EMAILS_PER_HOUR = 1_000_000
