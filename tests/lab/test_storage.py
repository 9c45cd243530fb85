"""Files in S3: what is public there and what is not."""

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.conftest import MakeBench
from lab.deployment import Deployment
from support.postgres import free_port
from support.servers import answers

LIBRARY = Path(__file__).parents[1] / "containers/library.toml"
BUCKET = "files-of-the-lab"
UPLOAD = """
from django.core.files.base import ContentFile
from accounts.models import CustomUser
from library.models import Document
owner = CustomUser.objects.get()
document = Document.objects.create(owner=owner, title="Paper", file=ContentFile(b"hidden", "paper.txt"))
print(document.file.url)
print(document.file.name)
"""


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[str]:
    """Start a server that speaks S3, with an empty bucket, and yield its address."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    with (tmp_path / "s3.log").open("wb") as log:
        command = [Path(sys.executable).parent / "moto_server", "-p", str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 60
        while not answers(address):
            assert server.poll() is None and time.monotonic() < deadline, (tmp_path / "s3.log").read_text()
            time.sleep(0.1)
        made = urllib.request.Request(f"{address}/{BUCKET}", method="PUT")
        urllib.request.urlopen(made, timeout=20).close()
        yield address
    finally:
        server.kill()
        server.wait()


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("line", ["5.2", "6.1"])
def test_static_files_are_collected_and_uploads_are_signed(
    line: str, s3: str, make_bench: MakeBench, tmp_path: Path
) -> None:
    answers_file = tmp_path / "answers.toml"
    answers_file.write_text(f"preset = 'minimal'\n{LIBRARY.read_text()}")
    chosen = ("--answers", str(answers_file), "--with", "storage,gunicorn", "--set", "storage.backend=s3")
    bench = make_bench(*chosen, line=line, database=f"storage_{line[0]}")
    known = {
        "AWS_STORAGE_BUCKET_NAME": BUCKET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    with ExitStack() as stack:
        deployed = Deployment(bench, tmp_path, stack, **known)
        address = deployed.serve()
        url, name = deployed.python(UPLOAD).splitlines()[-2:]
        assert "Signature" in url and status(url) == 200
        assert status(f"{s3}/{BUCKET}/media/{name}") == 403
        owner = deployed.log_in(address)
        assert owner.ask("/library/documents/")[0] == 200
        home = owner.ask("/")[1]
        sheets = re.findall(rf'href="({s3}/{BUCKET}/static/css/site\.[0-9a-f]{{12}}\.css)"', home)
        assert sheets, home
        page = urllib.request.urlopen(address, timeout=20)
        assert f"{s3}/{BUCKET}/static/" in page.headers["Content-Security-Policy"]
