"""Building the Python package of the program."""

import shutil
import sys
from pathlib import Path

from support import ROOT, TARGET
from support.commands import machine_environment, run

TOOLS = Path(sys.executable).parent


def built(kind: str, *arguments: str) -> Path:
    """Return the directory of what `maturin KIND` built: it takes the compiled program that is there."""
    folder = TARGET / "lab/dist" / "-".join([kind, *(word.strip("-") for word in arguments)][:3])
    shutil.rmtree(folder, ignore_errors=True)
    env = machine_environment(CARGO_TARGET_DIR=str(TARGET))
    command = [TOOLS / "maturin", kind, *arguments, "--out", folder]
    run(command, cwd=ROOT, env={**env, "PATH": f"{TOOLS}:{env['PATH']}"}, timeout=1200).succeeded()
    return folder
