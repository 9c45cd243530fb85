"""What README.md and CONTRIBUTING.md show is true: their commands are run, their links lead somewhere.

Commands are read from the files and run as printed, except for what `SUBSTITUTIONS` says. A command that no entry of
`PLACES` names fails the test.
"""

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lab.test_new import with_home
from support import ROOT, TARGET
from support.binary import binary
from support.commands import run
from support.servers import serving, status
from support.wheels import TOOLS

# The same worker builds the wheel for `test_install`.
pytestmark = pytest.mark.xdist_group("install")

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]

WRITING = "add|set|remove|sync|update|regen|undo|redo|eject"

# Every way in which a command is run otherwise than printed: a pattern, what stands in its place, and why.
SUBSTITUTIONS = [
    # Cargo finds what the tests have built already, and installs it where the test ends.
    (r"^cargo install --locked --path \.", "cargo install --locked --path . --debug --offline --quiet --root {root}"),
    # There is no release yet, and a release build takes minutes: the wheel is the one of `test_install`.
    (r"^uvx djscaffold", "uvx --offline --from {wheel} djscaffold"),
    (r"^uvx --from \. djscaffold", "uvx --offline --from {wheel} djscaffold"),
    (r"^pipx install (\.|djscaffold)$", "uvx pipx install --force --quiet {wheel}"),
    (r"^pipx uninstall", "uvx pipx uninstall"),
    # What asks at a terminal is told not to; packages are installed once, by the first project.
    (rf"^(djscaffold ({WRITING})\b(?!.*--list).*)$", r"\1 --yes --no-sync"),
    (r"^((uvx .*)?djscaffold new (?!.*--yes).*)$", r"\1 --yes"),
    (r"^((uvx .*)?djscaffold new (?!mysite --yes$).*)$", r"\1 --no-sync --no-git"),
    # The layers take minutes to hours, and this test is in one. What follows `--` is pytest's.
    (r"^(tests/run\b.*?)( -- .*)?$", r"\1 --help"),
]


@dataclass
class Reader:
    """Somebody who does what the README says, in a home of their own, with a clone in it."""

    home: Path
    env: dict[str, str]
    wheel: Path
    asked: int = 0
    ran: list[str] = field(default_factory=list)

    @property
    def clone(self) -> Path:
        return self.home / "clones/djscaffold"

    @property
    def project(self) -> Path:
        return self.home / "clones/mysite"

    def fresh(self) -> Path:
        """Return a new empty directory."""
        self.asked += 1
        folder = self.home / f"fresh-{self.asked}"
        folder.mkdir()
        return folder

    def substituted(self, command: str) -> str:
        for pattern, replacement in SUBSTITUTIONS:
            replacement = replacement.replace("{root}", str(self.home / "installed"))
            command = re.sub(pattern, replacement.replace("{wheel}", shlex.quote(str(self.wheel))), command)
        return command

    def script(self, folder: Path, *commands: str) -> str:
        """Run commands in one shell, and return what they printed."""
        # The shell is told where it is: the clone is a link, and `cd ..` leads to where the link lies.
        lines = "\n".join([f"cd {shlex.quote(str(folder))}", *commands])
        return run(["bash", "-ec", lines], cwd=self.home, env=self.env, timeout=300).succeeded().out

    def runs(self, folder: Path, command: str) -> None:
        parts = [self.substituted(part) for part in command.split(" && ")]
        if not parts[-1].endswith("manage.py runserver"):
            self.script(folder, " && ".join(parts))
            return
        # A server would not come back: it is started, asked and stopped; only the port is ours.
        server = parts.pop()
        where = Path(self.script(folder, " && ".join(parts), "pwd").splitlines()[-1])
        with serving(shlex.split(server), cwd=where, env=self.env, log=self.home / "log") as address:
            assert status(f"{address}/") == 200


def in_clone(reader: Reader) -> Path:
    return reader.clone


def in_project(reader: Reader) -> Path:
    return reader.project


def anywhere(reader: Reader) -> Path:
    """Return an empty directory, with the answers that the README shows beside what is written."""
    folder = reader.fresh()
    *_, toml = blocks(PAGES[0], "toml")
    (folder / "shop.toml").write_text("\n".join(toml))
    return folder


def at_home(reader: Reader) -> Path:
    return reader.home


# Where each command is run, the first that fits.
PLACES: list[tuple[str, Callable[[Reader], Path]]] = [
    (r"cargo install --locked --path \. ", in_clone),
    (r"tests/run\b", in_clone),
    (r"(uvx --from|pipx install) \.", in_clone),
    (r"(uvx|pipx|cargo uninstall) ", anywhere),
    (r"echo '.*' >> ~/", at_home),
    (r"djscaffold (man|completions) ", at_home),
    (r"djscaffold (new|list) ", anywhere),
    (rf"djscaffold ({WRITING}|status|diff|check|why|log)\b", in_project),
]


def blocks(page: Path, language: str) -> list[list[str]]:
    text = re.sub(r" *\\\n *", " ", page.read_text(encoding="utf-8"))  # a command on more than one line
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.M | re.S)
    return [block.splitlines() for block in found]


def without_remark(line: str) -> str:
    return re.sub(r"\s+# .*$", "", line).strip()


def shown(page: Path) -> list[str]:
    """Return the commands in the page's blocks for a shell, in their order."""
    lines = [without_remark(line) for block in blocks(page, "sh") for line in block]
    return [line for line in lines if line]


def inline(page: Path) -> list[str]:
    """Return the code within the page's sentences and tables."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", text)]


def installing(page: Path) -> list[str]:
    """Return the commands within sentences that install or remove the program, in their order."""
    return [code for code in inline(page) if re.match(r"(uvx|pipx|cargo uninstall) ", code)]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Reader:
    home = tmp_path_factory.mktemp("readme") / "home"
    of_rust = {
        f"{name}_HOME": os.environ.get(f"{name}_HOME", str(Path.home() / folder))
        for name, folder in [("CARGO", ".cargo"), ("RUSTUP", ".rustup")]
    }
    env = with_home(home) | of_rust | {"CARGO_TARGET_DIR": str(TARGET), "CARGO_INSTALL_ROOT": str(home / "installed")}
    of_pipx = {"PIPX_HOME": str(home / "pipx"), "PIPX_BIN_DIR": str(home / "pipx/bin")}
    path = [home / "installed/bin", binary().parent, TOOLS, env["PATH"], Path(of_rust["CARGO_HOME"]) / "bin"]
    made = Reader(home, env | of_pipx | {"PATH": ":".join(map(str, path))}, wheel)
    made.clone.parent.mkdir()
    # A link to this checkout, so that Cargo finds what was built from it; what is written beside it lands here.
    made.clone.symlink_to(ROOT)
    return made


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem.lower())
def test_commands(reader: Reader, page: Path) -> None:
    commands = shown(page)
    assert commands, f"{page.name} shows no commands"
    for command in commands:
        place = next((place for pattern, place in PLACES if re.match(pattern, command)), None)
        assert place, f"this test does not know where to run what {page.name} shows: {command}"
        reader.runs(place(reader), command)
        reader.ran.append(command)


def test_first_commands_install_and_test(reader: Reader) -> None:
    """The one leads from a clone to a page of the project, the other runs all tests."""
    first, second = shown(PAGES[0])[:2]
    assert first.startswith("cargo install") and first.endswith("runserver")
    assert second == "tests/run"
    assert first in reader.ran, "it failed"
    assert (reader.home / "installed/bin/djscaffold").is_file()
    assert (reader.project / ".venv/bin/python").exists()


def test_completions_and_man_pages_are_found(reader: Reader) -> None:
    # An interactive shell reads ~/.bashrc; without a terminal it grumbles about job control.
    said = run(["bash", "-ic", "complete -p djscaffold"], cwd=reader.home, env=reader.env).succeeded()
    assert "djscaffold" in said.out
    assert (reader.home / ".local/share/man/man1/djscaffold-add.1").is_file()


def test_ways_to_install(reader: Reader) -> None:
    commands = installing(PAGES[0])
    assert {"pipx install djscaffold", "uvx djscaffold new mysite"} <= set(commands)
    for command in commands:
        if command.startswith("pipx uninstall"):
            assert os.access(reader.home / "pipx/bin/djscaffold", os.X_OK)
        place = next(place for pattern, place in PLACES if re.match(pattern, command))
        folder = reader.fresh() if command.startswith("uvx --from .") else place(reader)
        reader.runs(folder, command)
        if command.startswith("uvx"):
            assert (folder / "mysite/manage.py").is_file()
    assert not (reader.home / "pipx/bin/djscaffold").exists()
    assert not (reader.home / "installed/bin/djscaffold").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem.lower())
def test_commands_in_sentences_are_understood(page: Path, tmp_path: Path) -> None:
    commands = [code for code in inline(page) if code.startswith("djscaffold ")]
    for command in commands:
        # With `--help` nothing is done; what comes before it is read all the same.
        words = [binary(), *shlex.split(command)[1:], "--help"]
        said = run(words, cwd=tmp_path, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
        assert said.code == 0, said
    assert page.stem != "README" or len(commands) > 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem.lower())
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"\w+:", link)]
    headings = re.findall(r"^#+ (.*)$", text.lower(), re.M)
    anchors = [re.sub(r"[^\w -]", "", heading).replace(" ", "-") for heading in headings]
    for link in links:
        path, _, anchor = link.partition("#")
        assert not path or (page.parent / path).exists(), f"{page.name} links to {link}"
        assert path or anchor in anchors, f"{page.name} links to {link}"
    assert links


def test_flags_in_sentences_exist() -> None:
    """A flag that the README names belongs to some command of the program, or is one of another program's."""
    foreign = {"--locked", "--path", "--deploy", "--from"}
    named = {flag for code in inline(PAGES[0]) for flag in re.findall(r"(?<!\S)--[a-z-]+", code)} - foreign
    commands = re.findall(r"^  ([a-z]+) ", helped().partition("Commands:")[2].partition("Options:")[0], re.M)
    known = " ".join([helped(), *(helped(command) for command in commands if command != "help")])
    unknown = {flag for flag in named if not re.search(rf"{flag}\b(?!-)", known)}
    assert not unknown


def helped(*command: str) -> str:
    return subprocess.run([binary(), *command, "--help"], capture_output=True, text=True, check=True).stdout
