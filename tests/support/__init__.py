"""What the lab and the browser test share: the binary, the environments, the servers."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
LAB = TARGET / "lab"
INSIDE = ROOT / "tests/inside"
