"""What is for Kubernetes, as its checkers see it."""

import os
from pathlib import Path

import pytest

from containers.conftest import MakeProject
from containers.test_files import check
from support.commands import run

CHOICES = {
    "local": ["--preset", "full", "--without", "nginx"],
    "s3": ["--preset", "standard", "--with", "tasks", "--set", "storage.backend=s3"],
}
EXCEPTIONS = {
    "CKV_K8S_9": "nothing asks workers, so that they need no readiness",
    "CKV_K8S_11": "a limit for CPU slows pods down while processors are idle",
    "CKV_K8S_15": "a release is an image that never changes",
    "CKV_K8S_35": "Django reads its secrets from the environment",
    "CKV_K8S_40": "the image has its user, 10001",
    "CKV_K8S_43": "a release is an image that never changes",
}


@pytest.fixture(scope="module", params=CHOICES)
def project(request: pytest.FixtureRequest, make_project: MakeProject) -> Path:
    return make_project(*CHOICES[request.param], "--with", "kubernetes")


def test_checkov(project: Path, tmp_path: Path) -> None:
    command = [
        "kubectl",
        "kustomize",
        project / "deploy/kubernetes/overlays/production",
        "--output",
        tmp_path / "all.yaml",
    ]
    run(command, cwd=project, env={"PATH": os.environ["PATH"]}).succeeded()
    options = [
        "--framework",
        "kubernetes",
        "--compact",
        "--skip-download",
        "--skip-check",
        ",".join(EXCEPTIONS),
    ]
    said = check(project, "checkov", *options, "--file", str(tmp_path / "all.yaml"))
    assert "Failed checks: 0, Skipped checks: 0" in said.out, said


def test_shellcheck(project: Path) -> None:
    check(project, "shellcheck", "deploy/kubernetes/release.sh")
