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
    auth: str
    views: str
    login: str
    line: str
    models: str

    @property
    def name(self) -> str:
        chosen = [self.preset, self.auth, self.views, self.login, self.line, self.models]
        return "-".join(part for part in chosen if part)

    @property
    def database(self) -> str:
        return self.name.replace("-", "_").replace("+", "_").replace(".", "")

    @cached_property
    def arguments(self) -> list[str]:
        """Return the flags that ask djscaffold for this case, its Django line apart."""
        flags = ["--preset", self.preset]
        if self.models != "own":
            flags += ["--answers", str(MODELS / f"{self.models}.toml")]
        if self.auth:
            flags += ["--set", f"api.auth={self.auth.replace('+', ',')}"]
        return [*flags, "--set", f"app.views={self.views}", "--set", f"accounts.login={self.login}"]


AUTHS = {
    "minimal": [""],
    "standard": ["jwt", "token", "session", "jwt+token", "jwt+session", "token+session", "jwt+token+session"],
}
VIEWS = ["cbv", "fbv", "both"]
LOGINS = ["username", "email"]
LINES = ["5.2", "6.1"]
MODEL_SETS = ["own", "every-kind", "twenty"]


def everything() -> list[Case]:
    """Return every case of `minimal`, and every API on every line and model set in one view style and log-in each.

    The pages and the API know nothing of each other; the styles and log-ins take turns.
    """
    minimal = [Case("minimal", "", *rest) for rest in itertools.product(VIEWS, LOGINS, LINES, MODEL_SETS)]
    styles = itertools.cycle(itertools.product(VIEWS, LOGINS))
    standard = [
        Case("standard", auth, *next(styles), line, models)
        for models, line, auth in itertools.product(MODEL_SETS, LINES, AUTHS["standard"])
    ]
    return minimal + standard


EVERYTHING = everything()

# The APIs that CI sees; the rest of them takes hours.
FIXED_APIS = {("5.2", "own", "jwt"), ("6.1", "own", "session"), ("6.1", "every-kind", "jwt+token+session")}

# Each value of each axis at least once; each model set and each view style on both lines or with both log-ins.
FIXED = [
    Case("minimal", "", "both", "username", "5.2", "own"),
    Case("minimal", "", "cbv", "email", "5.2", "every-kind"),
    Case("minimal", "", "fbv", "username", "6.1", "own"),
    Case("minimal", "", "fbv", "email", "5.2", "twenty"),
    *(case for case in EVERYTHING if (case.line, case.models, case.auth) in FIXED_APIS),
]


def declared_apps(models: str) -> list[str]:
    """Return the apps that a model set declares."""
    if models == "own":
        return ["blog"]
    return list(tomllib.loads((MODELS / f"{models}.toml").read_text(encoding="utf-8"))["apps"])
