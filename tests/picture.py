"""Draws `docs/new.svg`, what a terminal shows of `djscaffold new`: the real program, real keys, a real screen.

Two moments are drawn, one above the other: the preset being chosen, and the end.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

import pyte

from support import ROOT
from support.binary import binary
from support.commands import machine_environment

PICTURE = ROOT / "docs/new.svg"
COLUMNS, ROWS = 84, 40
PATIENCE = 300
CHOSEN = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"
# Until the first is on the screen, then press the second; with nothing to press, a moment is drawn.
KEYS = [
    ("full ", "\x1b[B"),
    (f"{CHOSEN} standard", None),
    (f"{CHOSEN} standard", "\r"),
    ("Project name", "mysite\r"),
    (f"{CHOSEN} Write it", "\r"),
]
# What differs from one machine to the next, and what stands in its place.
FIXED = [(r"Python 3\.\d+", "Python 3.13")]

# Of a character and a row, around the text, and above it.
WIDE, HIGH, MARGIN, BAR = 8.4, 20, 16, 32
# `brown` is what pyte calls the terminal's yellow.
STYLE = """
    svg { --paper: #ffffff; --edge: #d0d7de; --ink: #1f2328; --dim: #59636e }
    svg { --green: #1a7f37; --cyan: #0a6c74; --brown: #7d5600 }
    @media (prefers-color-scheme: dark) {
      svg { --paper: #0d1117; --edge: #3d444d; --ink: #e6edf3; --dim: #9198a1 }
      svg { --green: #3fb950; --cyan: #39c5cf; --brown: #d29922 }
    }
    text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
    text { fill: var(--ink); white-space: pre }
    rect { fill: var(--paper); stroke: var(--edge) }
    path { stroke: var(--edge) }
    .dim { fill: var(--dim) } .green { fill: var(--green) } .cyan { fill: var(--cyan) } .brown { fill: var(--brown) }
    .bold { font-weight: bold }
"""


class Screen(pyte.Screen):
    """A screen that knows faint text, which pyte does not."""

    def select_graphic_rendition(self, *attributes: int, **rest: bool) -> None:
        super().select_graphic_rendition(*attributes, **rest)
        if attributes in ((2,), (38, 5, 8)):
            self.cursor.attrs = self.cursor.attrs._replace(fg="dim")


class Terminal:
    """The program in a terminal of its own, and the screen that it draws."""

    def __init__(self, folder: Path, env: dict[str, str], *arguments: str) -> None:
        self.screen = Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        command = [str(binary()), *arguments]
        ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self.process = subprocess.Popen(command, cwd=folder, env=env, start_new_session=True, **ends)
        os.close(theirs)
        self.end = ours

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.end)

    def shown(self) -> str:
        return "\n".join(self.screen.display)

    def reads(self) -> bool:
        """Tell whether the program waits for a key, having drawn all: only then does the terminal not echo keys."""
        return not termios.tcgetattr(self.end)[3] & termios.ECHO

    def take(self, patience: float) -> bool:
        """Put on the screen what comes within `patience` seconds; tell whether something did."""
        if not select.select([self.end], [], [], patience)[0]:
            return False
        try:
            read = os.read(self.end, 65536)
        except OSError:  # how Linux says that the program has ended
            read = b""
        self.stream.feed(read)
        return bool(read)

    def wait_for(self, text: str) -> None:
        """Return when `text` is on the screen and the program waits for a key."""
        deadline = time.monotonic() + PATIENCE
        while not (text in self.shown() and self.reads()) or self.take(0):
            assert time.monotonic() < deadline and self.process.poll() is None, f"no {text!r} in:\n{self.shown()}"
            self.take(0.05)

    def wait_for_end(self) -> None:
        while self.take(PATIENCE):
            pass
        assert self.process.wait(PATIENCE) == 0, self.shown()

    def press(self, keys: str) -> None:
        os.write(self.end, keys.encode())


def moments() -> list[list[str]]:
    """Return what is on the screen at each moment, as lines of SVG's text."""
    with tempfile.TemporaryDirectory(prefix="picture-") as name:
        home = Path(name) / "home"
        home.mkdir()
        (home / ".gitconfig").write_text("[user]\nname = Somebody\nemail = somebody@example.com\n")
        cache = subprocess.run(["uv", "cache", "dir"], check=True, capture_output=True, text=True).stdout.strip()
        env = machine_environment(HOME=str(home), UV_CACHE_DIR=cache, TERM="xterm-256color")
        for unwanted in ("NO_COLOR", "COLUMNS", "LINES"):
            env.pop(unwanted, None)
        found = []
        with Terminal(Path(name), env, "new") as terminal:
            for text, keys in KEYS:
                terminal.wait_for(text)
                if keys is None:
                    found.append(lines(terminal.screen))
                else:
                    terminal.press(keys)
            terminal.wait_for_end()
            found.append(lines(terminal.screen))
        return found


def lines(screen: pyte.Screen) -> list[str]:
    """Return the screen's rows as spans: one for all that stands together in one colour, where it begins."""
    found = []
    for row in range(screen.lines):
        cells = [screen.buffer[row][column] for column in range(screen.columns)]
        spans = []
        for style, run in groupby(enumerate(cells), key=lambda cell: (cell[1].fg, cell[1].bold)):
            run = list(run)
            text = "".join(cell.data for _, cell in run)
            spans += [span(run[0][0] + part.start(), part[0], *style) for part in re.finditer(r"\S+(?: \S+)*", text)]
        found.append("".join(spans))
    while found and not found[-1]:
        found.pop()
    return found


def span(column: int, text: str, colour: str = "default", bold: bool = False) -> str:
    for pattern, fixed in FIXED:
        text = re.sub(pattern, fixed, text)
    names = [name for name, wanted in [(colour, colour != "default"), ("bold", bold)] if wanted]
    style = f' class="{" ".join(names)}"' if names else ""
    return f'<tspan x="{column * WIDE:g}"{style}>{escape(text)}</tspan>'


def draw() -> str:
    choosing, done = moments()
    choosing.insert(0, span(0, "$", "dim") + span(2, "djscaffold new"))
    top = BAR + MARGIN
    between = top + len(choosing) * HIGH + MARGIN
    below = between + MARGIN
    wide, high = round(COLUMNS * WIDE) + 2 * MARGIN, below + len(done) * HIGH + MARGIN

    def texts(rows: list[str], first: int) -> list[str]:
        return [f'    <text y="{first + 14 + at * HIGH}">{row}</text>' for at, row in enumerate(rows) if row]

    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"'
            ' role="img" aria-labelledby="title">',
            '  <title id="title">djscaffold new in a terminal: a preset is chosen, and the project is created</title>',
            "  <!-- Drawn by tests/run picture -->",
            f"  <style>{STYLE}  </style>",
            f'  <rect x=".5" y=".5" width="{wide - 1}" height="{high - 1}" rx="6" />',
            f'  <path d="M0 {BAR}.5 H{wide} M0 {between}.5 H{wide}" />',
            f'  <text x="{wide / 2:g}" y="21" text-anchor="middle" class="dim">djscaffold</text>',
            f'  <g transform="translate({MARGIN})">',
            *texts(choosing, top),
            *texts(done, below),
            "  </g>",
            "</svg>",
            "",
        ]
    )


def main() -> None:
    assert shutil.which("uv"), "no uv on PATH: run this by `tests/run picture`"
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw(), encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
