"""The same answers give the same bytes, whoever asks, wherever and whenever."""

import re
import shutil
from pathlib import Path

import pytest

from lab.cases import MODELS
from support.binary import WITHOUT_TOOLS, binary, tree
from support.commands import clean_environment, run

IDENTITY = "[user]\n\tname = Somebody Else\n\temail = somebody.else@example.net\n[core]\n\tautocrlf = true\n"


def generated(folder: Path, arguments: list[str], prefix: list[str], **machine: str) -> dict[str, bytes | None]:
    home = folder / "home"
    home.mkdir(parents=True)
    (home / ".gitconfig").write_text(IDENTITY)
    env = clean_environment(home, **machine)
    command = [*prefix, str(binary()), "new", "mysite", *WITHOUT_TOOLS, *arguments]
    run(command, cwd=folder, env=env).succeeded()
    found = tree(folder / "mysite")
    secrets = found.pop(".env")
    assert secrets
    found[".env, values apart"] = re.sub(rb"(?m)=.*$", b"=", secrets)
    return found


@pytest.mark.parametrize("arguments", [[], ["--answers", str(MODELS / "every-kind.toml")]], ids=["own", "every-kind"])
def test_same_answers_same_bytes(tmp_path: Path, arguments: list[str]) -> None:
    faketime = shutil.which("faketime")
    assert faketime, "no faketime on PATH: start the lab by `tests/run lab`"
    arguments = ["--preset", "standard", *arguments]
    here = generated(tmp_path / "here", arguments, [])
    again = generated(tmp_path / "again", arguments, [])
    elsewhere = generated(
        tmp_path / "else where",
        arguments,
        [faketime, "-f", "@2031-05-06 07:08:09"],
        TZ="Pacific/Kiritimati",
        LANG="de_DE.UTF-8",
        LC_ALL="tr_TR.UTF-8",
        LANGUAGE="fr",
        USER="zoe",
        GIT_AUTHOR_NAME="Zoë",
        EMAIL="zoe@example.net",
        COLUMNS="40",
        NO_COLOR="1",
    )
    assert again == here
    assert elsewhere == here


def test_secrets_differ_and_stay_in_one_file(tmp_path: Path) -> None:
    secrets = []
    for name in ("one", "two"):
        generated(tmp_path / name, ["--preset", "standard"], [])
        project = tmp_path / name / "mysite"
        text = (project / ".env").read_text()
        found = re.search(r"^SECRET_KEY=['\"]?([^'\"\n]+)", text, flags=re.MULTILINE)
        assert found and len(found[1]) >= 50, text
        secrets.append(found[1])
        assert (project / ".env").stat().st_mode & 0o777 == 0o600
        holders = [path for path, content in tree(project).items() if content and found[1].encode() in content]
        assert holders == [".env"]
    assert secrets[0] != secrets[1]
