"""`python -m djscaffold`: the program that was installed with this package."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path


def find_program() -> Path:
    name = "djscaffold" + (sysconfig.get_config_var("EXE") or "")
    # `pip install --user` and `--target` put scripts elsewhere than `scripts` says.
    user = sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))
    beside = Path(__file__).resolve().parents[1] / "bin"
    places = [Path(sysconfig.get_path("scripts")), Path(user), beside]
    for place in places:
        if (place / name).is_file():
            return place / name
    sys.exit(f"djscaffold: the program is in none of {', '.join(map(str, places))}; install the package again")


def main() -> None:
    command = [str(find_program()), *sys.argv[1:]]
    if sys.platform == "win32":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
