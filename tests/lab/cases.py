"""The axes that the lab crosses, and the small set that stands for all of them."""

import itertools
import re
import tomllib
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

MODELS = Path(__file__).parent / "models"


@dataclass(frozen=True)
class Case:
    preset: str
    models: str
    line: str
    views: str
    login: str
    signup: str
    mfa: str
    social: str
    auth: str
    pagination: str

    @property
    def name(self) -> str:
        return "-".join(value for field in fields(self) if (value := getattr(self, field.name)))

    @property
    def database(self) -> str:
        return re.sub(r"[-+.]", "_", f"{self.preset}_{self.models}_{self.line}_{self.auth}")

    @cached_property
    def arguments(self) -> list[str]:
        """Return the flags that ask djscaffold for this case, its Django line apart."""
        flags = ["--preset", self.preset]
        if self.models != "own":
            flags += ["--answers", str(MODELS / f"{self.models}.toml")]
        if self.auth:
            flags += ["--set", f"api.auth={self.auth.replace('+', ',')}", "--set", f"api.pagination={self.pagination}"]
        chosen = [f"app.views={self.views}", f"accounts.login={self.login}", f"accounts.signup={self.signup}"]
        chosen += [f"accounts.mfa={self.mfa}"] if self.mfa else []
        chosen += [f"accounts.social={self.social}"] if self.social else []
        for option in chosen:
            flags += ["--set", option]
        return flags


PRESETS = ["minimal", "api", "standard", "full"]
MODEL_SETS = ["own", "every-kind", "twenty"]
LINES = ["5.2", "6.1"]
# These take turns, each at its own pace, so that every pair of values meets.
VIEWS = ["cbv", "fbv", "both"]
LOGINS = ["username", "email"]
SIGNUPS = ["open", "closed"]
# Nothing stands for what these are by default.
MFAS = ["", "staff", "optional"]
SOCIALS = ["", "", "google"]
AUTHS = ["jwt", "token", "session", "jwt+token", "jwt+session", "token+session", "jwt+token+session"]
PAGINATIONS = ["page", "cursor"]


def everything() -> list[Case]:
    """Return each preset with each model set on both lines, and each log-in of the API on both with the own models."""
    wanted = [*itertools.product(PRESETS, MODEL_SETS, LINES, [""])]
    wanted += [("standard", "own", line, auth) for auth, line in itertools.product(AUTHS, LINES)]
    cases = []
    for number, (preset, models, line, auth) in enumerate(wanted):
        api = preset != "minimal"
        cases.append(
            Case(
                preset=preset,
                models=models,
                line=line,
                views=VIEWS[(number + number // 6) % 3],
                login=LOGINS[number // 2 % 2],
                signup=SIGNUPS[number // 4 % 2],
                mfa=MFAS[number // 3 % 3],
                social=SOCIALS[number % 3],
                auth=(auth or AUTHS[number % 7]) if api else "",
                pagination=PAGINATIONS[number // 3 % 2] if api else "",
            )
        )
    return list(dict.fromkeys(cases))


EVERYTHING = everything()

# What CI sees: each value of each axis at least once.
FIXED_ONES = {
    ("minimal", "own", "5.2"),
    ("minimal", "every-kind", "6.1"),
    ("minimal", "twenty", "5.2"),
    ("standard", "own", "6.1"),
    ("api", "every-kind", "5.2"),
    ("full", "own", "5.2"),
    ("full", "twenty", "6.1"),
}
FIXED = [case for case in EVERYTHING[:24] if (case.preset, case.models, case.line) in FIXED_ONES]


def declared_apps(models: str) -> list[str]:
    """Return the apps that a model set declares."""
    if models == "own":
        return ["blog"]
    return list(tomllib.loads((MODELS / f"{models}.toml").read_text(encoding="utf-8"))["apps"])
