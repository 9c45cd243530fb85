"""Settings under which nothing is limited that a machine may ask a thousand times."""

from config.settings.local import *  # noqa: F403
from config.settings.local import REST_FRAMEWORK

REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = {"anon": None, "user": None}
