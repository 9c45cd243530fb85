"""The axes that the lab crosses, and the small set that stands for all of them."""

import itertools
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MODELS = Path(__file__).parent / "models"


@dataclass(frozen=True)
class Case:
    preset: str
    views: str
    login: str
    line: str
    models: str

    @property
    def name(self) -> str:
        return "-".join([self.preset, self.views, self.login, self.line, self.models])

    @property
    def database(self) -> str:
        return self.name.replace("-", "_").replace(".", "")

    @cached_property
    def arguments(self) -> list[str]:
        """Return the flags that ask djscaffold for this case, its Django line apart."""
        flags = ["--preset", self.preset]
        if self.models != "own":
            flags += ["--answers", str(MODELS / f"{self.models}.toml")]
        return [*flags, "--set", f"app.views={self.views}", "--set", f"accounts.login={self.login}"]


PRESETS = ["minimal"]
VIEWS = ["cbv", "fbv", "both"]
LOGINS = ["username", "email"]
LINES = ["5.2", "6.1"]
MODEL_SETS = ["own", "every-kind", "twenty"]

EVERYTHING = [Case(*chosen) for chosen in itertools.product(PRESETS, VIEWS, LOGINS, LINES, MODEL_SETS)]

# Each value of each axis at least once; each model set and each view style on both lines or with both log-ins.
FIXED = [
    Case("minimal", "both", "username", "5.2", "own"),
    Case("minimal", "both", "email", "6.1", "every-kind"),
    Case("minimal", "cbv", "email", "5.2", "every-kind"),
    Case("minimal", "fbv", "username", "6.1", "own"),
    Case("minimal", "fbv", "email", "5.2", "twenty"),
]


def declared_apps(models: str) -> list[str]:
    """Return the apps that a model set declares."""
    return list(tomllib.loads((MODELS / f"{models}.toml").read_text(encoding="utf-8"))["apps"])
