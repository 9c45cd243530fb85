"""The README's lines for a server are pasted, and the site that they start has its static files."""

import re
import shutil
from pathlib import Path

import pytest

from lab.checks import production
from lab.test_new import with_home
from support.binary import new
from support.commands import run
from support.pythons import python_for
from support.servers import serving, status

CHOICES = {"minimal": ["--preset", "minimal"], "standard": ["--preset", "standard", "--with", "gunicorn"]}


@pytest.mark.xdist_group("deploy")
@pytest.mark.parametrize("choice", CHOICES)
def test_readme_lines_for_a_server(folder: Path, tmp_path: Path, choice: str) -> None:
    project = new(folder, "shop", *CHOICES[choice])
    (project / ".env").unlink()
    readme = (project / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^## Deploy\n.*?^```sh\n(.*?)^```", readme, flags=re.MULTILINE | re.DOTALL)
    assert block, readme
    *lines, server = block[1].splitlines()
    assert "gunicorn" in server
    environment = {
        **with_home(tmp_path / "home"),
        **production(project),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'site.sqlite3'}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "False",
        "UV_PYTHON": str(python_for("5.2")),
    }
    assert shutil.which("uv")
    run(["bash", "-euc", "\n".join(lines)], cwd=project, env=environment, timeout=600).succeeded()
    command = ["bash", "-euc", f'{server} --bind "$0"']
    with serving(command, cwd=project, env=environment, log=tmp_path / "server.log") as address:
        assert status(f"{address}/") == status(f"{address}/accounts/login/") == 200
        sheets = {path.name for path in (project / "staticfiles/css").glob("site.*.css")}
        assert len(sheets) == 1
        assert status(f"{address}/static/css/{sheets.pop()}") == 200
