"""What changes of a project leave to its owner: the commands that djscaffold prints, run as they are."""

import json
from pathlib import Path

from support.binary import djscaffold
from support.commands import run


def does_what_is_due(project: Path, env: dict[str, str]) -> None:
    """Change the project without its packages being installed, as `--no-sync` does, and do what is said."""
    models = project / "blog/models.py"
    for change in ("add", "sync", "undo", "redo"):
        arguments = ["api"] if change == "add" else []
        if change == "sync":
            text = models.read_text()
            field = "    subtitle = models.CharField(max_length=50, blank=True)\n    created_at = "
            models.write_text(text.replace("    created_at = ", field, 1))
        flags = ["--yes", "--no-sync", "--format", "json"]
        said = djscaffold(change, *arguments, *flags, cwd=project, env=env).succeeded()
        due = json.loads(said.out)["due"]
        assert bool(due) == (change in {"add", "sync"}), (change, due)
        if due:
            run(["bash", "-ec", "\n".join(due)], cwd=project, env=env, timeout=600).succeeded()
    python = "uv run python" if (project / "uv.lock").exists() else ".venv/bin/python"
    run(["bash", "-ec", f"{python} manage.py makemigrations --check"], cwd=project, env=env).succeeded()
    run(["bash", "-ec", f"{python} manage.py migrate --check"], cwd=project, env=env).succeeded()
    run(["bash", "-ec", f"{python} -m pytest -q blog"], cwd=project, env=env, timeout=600).succeeded()
