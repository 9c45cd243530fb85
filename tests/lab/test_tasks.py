"""Django's Tasks with the real worker that takes them from the database."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.conftest import MakeBench
from lab.deployment import Deployment, wait


@pytest.mark.parametrize("line", ["5.2", "6.1"])
def test_what_pages_leave_to_the_worker_is_done(line: str, make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench("--preset", "standard", "--with", "tasks,gunicorn", line=line, database=f"tasks_{line[0]}")
    with ExitStack() as stack:
        deployed = Deployment(bench, tmp_path, stack)
        ada = deployed.log_in(deployed.serve())
        assert ada.send("/blog/posts/post-0/", "/blog/posts/post-0/publish/")[0] == 200
        assert not deployed.mail.messages
        deployed.start("worker.log", "python", "manage.py", "db_worker")
        assert wait(lambda: len(deployed.mail.to("ada@example.org")) == 1)
