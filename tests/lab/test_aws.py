"""AWS: what Terraform and checkov say, what hosts start, when a release stops, and all of it on a stand-in for AWS.

The stand-in, moto, has no replication groups of ElastiCache and no instance refreshes, and forgets what FORGOTTEN
names. No host has started from the user data: its commands are recorded here, and Docker parses its own.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from lab.test_living import shared
from support import TARGET
from support.binary import djscaffold, new
from support.commands import Result, clean_environment, machine_environment, run
from support.postgres import free_port
from support.servers import answers

TOOLS = Path(sys.executable).parent
CHECKOV = TARGET / "tests/container-tools/bin/checkov"
BESIDE = ("--set", "nginx.tls=upstream", "--set", "storage.backend=s3")
FULL = ("--preset", "full", *BESIDE)
TASKS = (
    "--preset",
    "standard",
    "--with",
    "tasks,cache,storage,docker,nginx",
    "--set",
    "cache.backend=database",
    *BESIDE,
)
CHOICES = {
    "celery": (*FULL, "--with", "aws"),
    "tasks": (*TASKS, "--with", "aws"),
    "neither": ("--preset", "minimal", "--with", "cache,aws", *BESIDE),
}
GROUPS = {
    "celery": {"web": ["web", "nginx", "worker"], "jobs": ["beat"]},
    "tasks": {"web": ["web", "nginx", "worker"], "jobs": []},
    "neither": {"web": ["web", "nginx"], "jobs": []},
}
CHECKOV_EXCEPTIONS = {
    # AWS' own keys encrypt all of it; one's own cost money, and whoever may use the data may use the key.
    "own keys": "CKV_AWS_136,CKV_AWS_145,CKV_AWS_149,CKV_AWS_158,CKV_AWS_191,CKV2_AWS_34",
    # Alarms cannot be published to a topic that AWS' own key encrypts, and they hold no secrets.
    "alarms": "CKV_AWS_26",
    # Browsers load static files from the bucket; the policy opens nothing else, and uploads are private.
    "static files": "CKV_AWS_54,CKV_AWS_56,CKV2_AWS_6",
    # Containers use the host's role, one hop further.
    "hop": "CKV_AWS_341",
    # Port 80 only redirects to HTTPS.
    "redirect": "CKV_AWS_260",
    # Only the security group of the hosts gets there.
    "cache without password": "CKV_AWS_31",
    # The password is as short-lived as whoever rotates it wants; hosts read it when they start.
    "rotation": "CKV2_AWS_57,CKV_AWS_161",
    # Minor upgrades are RDS' default.
    "upgrades": "CKV_AWS_226",
    # Nginx logs requests and the site its errors; more is for who will read it.
    "more logs": "CKV_AWS_18,CKV_AWS_91,CKV_AWS_118,CKV_AWS_129,CKV_AWS_338,CKV_AWS_353,CKV2_AWS_11",
    # Nginx limits requests; a firewall is a cost and a choice of its own.
    "firewall": "CKV2_AWS_28",
    # Versions and backups are in one region.
    "regions": "CKV_AWS_144",
    # Nothing listens to uploads.
    "events": "CKV2_AWS_62",
    # Nothing is in it.
    "default security group": "CKV2_AWS_12",
    # The addresses belong to the NAT gateways.
    "addresses": "CKV2_AWS_19",
}
# What moto does not keep, so that Terraform wants to set it again.
FORGOTTEN = {
    "aws_autoscaling_group": {
        "capacity_reservation_specification",
        "default_instance_warmup",
        "instance_maintenance_policy",
    },
    "aws_autoscaling_policy": {"enabled", "predictive_scaling_configuration"},
    "aws_db_parameter_group": {"parameter"},
    "aws_launch_template": {"latest_version", "tag_specifications"},
    "aws_vpc_security_group_egress_rule": {"description"},
    "aws_vpc_security_group_ingress_rule": {"description"},
}
# The AWS CLI, which answers by itself what moto does not.
LACKING = """#!/bin/sh
case " $* " in
*" list-command-invocations "*) ;;
*" start-instance-refresh "*) echo REFRESH ;;
*" describe-instance-refreshes "*) echo Successful ;;
*) exec {aws} "$@" ;;
esac
"""
CALLED = """#!{python}
import json, os, sys
name, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
with open(os.environ["CALLS"], "a") as calls:
    print(json.dumps([name, *arguments]), file=calls)
for words, output, code in json.loads(os.environ["ANSWERS"]):
    if words in " ".join([name, *arguments]):
        print(output)
        sys.exit(code)
"""


@dataclass(frozen=True)
class Called:
    """A script's run with programs that only record how they were called."""

    result: Result
    calls: list[list[str]]

    def with_words(self, words: str) -> list[str]:
        return [line for line in (" ".join(call) for call in self.calls) if words in line]


def call(folder: Path, command: list[str | Path], programs: str, answers: list[tuple[str, str, int]]) -> Called:
    """Run a script whose `programs` answer what the first fitting of `answers` says."""
    fakes = folder / "fakes"
    fakes.mkdir(exist_ok=True)
    for name in programs.split():
        (fakes / name).write_text(CALLED.format(python=sys.executable))
        (fakes / name).chmod(0o755)
    calls = folder / "calls"
    calls.write_text("")
    path = (folder / "usr/local/bin", fakes)
    env = clean_environment(folder, *path, CALLS=str(calls), ANSWERS=json.dumps(answers))
    result = run(command, cwd=folder, env=env, timeout=60)
    return Called(result, [json.loads(line) for line in calls.read_text().splitlines()])


@pytest.fixture(scope="module")
def terraform() -> list[str]:
    """Return the option with providers that are on this machine; without them, Terraform downloads them."""
    if not shutil.which("terraform"):
        pytest.skip("no terraform on PATH")
    folders = [Path(os.environ.get("TERRAFORM_PLUGINS", "/nowhere")), *Path("/opt").glob("*")]
    return [f"-plugin-dir={folder}" for folder in folders if (folder / "registry.terraform.io").is_dir()][:1]


@pytest.fixture(scope="module", params=CHOICES)
def choice(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def project(choice: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new(tmp_path_factory.mktemp("aws"), "my_site", *CHOICES[choice])


def init(folder: Path, plugins: list[str], *arguments: str) -> None:
    command = ["terraform", "init", "-no-color", *plugins, *arguments]
    result = run(command, cwd=folder, env=machine_environment(), timeout=600)
    if result.code and "registry" in result.err:
        pytest.skip(f"no provider hashicorp/aws: {result.err[-500:]}")
    result.succeeded()


def test_terraform_takes_it(project: Path, terraform: list[str]) -> None:
    folder = project / "deploy/aws"
    command = ["terraform", "fmt", "-check", "-diff", "-recursive"]
    run(command, cwd=folder, env=machine_environment()).succeeded()
    init(folder, terraform, "-backend=false")
    run(["terraform", "validate"], cwd=folder, env=machine_environment()).succeeded()


def test_environments_set_the_variables_that_there_are(project: Path) -> None:
    folder = project / "deploy/aws"
    declared = re.findall(r'^variable "(\w+)"', (folder / "variables.tf").read_text(), re.MULTILINE)
    used = " ".join(path.read_text() for path in folder.glob("*.tf"))
    assert [name for name in declared if f"var.{name}" not in used] == []
    for environment in ("staging", "production"):
        values = (folder / f"{environment}.tfvars").read_text()
        assert sorted(re.findall(r"^(\w+) +=", values, re.MULTILINE)) == sorted(declared)
        assert f'environment = "{environment}"' in values


def test_checkov(project: Path) -> None:
    if not CHECKOV.exists():
        pytest.skip("no checkov: `tests/run containers` installs it")
    folder = project / "deploy/aws"
    skipped = ",".join(CHECKOV_EXCEPTIONS.values())
    command = [CHECKOV, "--framework", "terraform", "secrets", "--directory", folder, "--compact", "--skip-download"]
    command += ["--var-file", folder / "production.tfvars", "--skip-check", skipped]
    said = run(command, cwd=project, env=clean_environment(project.parent), timeout=300).succeeded()
    assert "Failed checks: 0" in said.out and re.search(r"Passed checks: \d{2}", said.out), said


def test_production_has_all_variables_that_it_requires(project: Path) -> None:
    settings = (project / "config/settings/production.py").read_text()
    required = re.findall(r'^    "(\w+)",$', settings.partition("REQUIRED = [")[2].partition("]")[0], re.MULTILINE)
    assert {"SECRET_KEY", "DATABASE_URL"} <= set(required)
    compute = (project / "deploy/aws/compute.tf").read_text()
    known = re.findall(r"^    ([A-Z_]+) +=", compute, re.MULTILINE)
    written = (project / "README.md").read_text().partition("> production.env) <<END\n")[2].partition("END\n")[0]
    by_hand = re.findall(r"^([A-Z_]+)=", written, re.MULTILINE)
    assert set(required) <= {*known, *by_hand}
    assert not {*known} & {*by_hand}
    assert "CACHE_URL" in known
    assert ("rediss://" in compute) == (project / "deploy/aws/cache.tf").exists()


# --- Hosts ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def user_data(project: Path, terraform: list[str], tmp_path: Path) -> dict[str, str]:
    """Return what Terraform makes of the template, for each group."""
    del terraform
    values = {
        "balancer": "10.0.0.0/24,10.0.1.0/24",
        "log_group": "my-site-production",
        "name": "my-site-production",
        "region": "eu-central-1",
        "registry": "1.dkr.ecr.eu-central-1.amazonaws.com/my-site-production",
        "variables": {"DATABASE_URL": "postgres://my_site@there:5432/my_site?sslmode=verify-full"},
    }
    shutil.copy(project / "deploy/aws/host.sh.tftpl", tmp_path)
    rendered = {}
    for group in ("web", "jobs"):
        arguments = json.dumps({**values, "group": group})
        expression = f'base64encode(templatefile("host.sh.tftpl", {arguments}))'
        said = run(["terraform", "console"], cwd=tmp_path, env=machine_environment(), given=expression).succeeded()
        rendered[group] = base64.b64decode(said.out.strip().strip('"')).decode()
    return rendered


def start(folder: Path, script: str, answers: list[tuple[str, str, int]], then: str = "") -> Called:
    """Run a host's first start below `folder`, and then a command on it."""
    for name in ("etc/docker", "etc/cron.d", "run", "usr/local/bin"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in ("/etc/", "/run/", "/usr/local/bin/", "/root"):
        script = re.sub(rf"(?<![\w.]){name}", f"{folder}{name}", script)
    script = script.replace("timeout 600", "timeout 2") + f"\n{then}\n"
    usual = [
        ("get-parameter", "20270101T000000", 0),
        ("get-secret-value --secret-id my-site-production/database", "pass word", 0),
        ("get-secret-value --secret-id my-site-production/environment", "SECRET_KEY=key\nEMAIL_URL=smtp://$there", 0),
        ("ec2-metadata", "instance-id: i-0123", 0),
    ]
    programs = "aws curl dnf docker ec2-metadata sleep systemctl"
    return call(folder, ["sh", "-c", script], programs, [*answers, *usual])


def started(called: Called) -> list[str]:
    return [line[line.index("--name") + 1] for line in called.calls if line[:2] == ["docker", "run"]]


def test_scripts_and_user_data_pass_shellcheck(project: Path, user_data: dict[str, str], tmp_path: Path) -> None:
    folder = project / "deploy/aws"
    scripts = sorted(folder.glob("*.sh"))
    assert len(scripts) == 3
    for group, script in user_data.items():
        assert len(script) < 16_000  # AWS takes no more
        _, _, inner = script.partition("/usr/local/bin/site <<'END'\n")
        for name, text in ((group, script), (f"{group}-site", inner.partition("\nEND\n")[0])):
            scripts.append(tmp_path / f"{name}.sh")
            scripts[-1].write_text(text + "\n")
    env = clean_environment(tmp_path)
    # SC2016: the container expands its $HOSTNAME.
    command = ["shellcheck", "--external-sources", "--exclude=SC2016", *scripts]
    run(command, cwd=folder, env=env).succeeded()


def test_hosts_start_what_is_theirs(choice: str, user_data: dict[str, str], tmp_path: Path) -> None:
    for group, containers in GROUPS[choice].items():
        called = start(tmp_path, user_data[group], [])
        called.result.succeeded()
        assert started(called) == containers
        for line in called.with_words("docker run"):
            assert "--read-only --cap-drop ALL --security-opt no-new-privileges" in line
            assert ("secrets.env" in line) == ("--name nginx" not in line)
            assert "20270101T000000" in line
        assert called.calls[-1][:3] == ["aws", "autoscaling", "complete-lifecycle-action"]
        assert called.calls[-1][-3:] == [f"my-site-production-{group}", "--instance-id", "i-0123"]
        if containers:
            secrets = tmp_path / "run/secrets.env"
            assert secrets.read_text() == "SECRET_KEY=key\nEMAIL_URL=smtp://$there\nPGPASSWORD=pass word\n"
            assert secrets.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "etc/site.env").read_text().startswith("DATABASE_URL=postgres://my_site@there:5432/")
    assert (tmp_path / "etc/cron.d/heal").exists() == (choice != "neither")
    assert (tmp_path / "etc/cron.d/site").exists() == (choice != "celery")


def test_hosts_with_a_container_that_is_not_healthy_stay_out(user_data: dict[str, str], tmp_path: Path) -> None:
    for status in ("Up 9 seconds (health: starting)", "Up 2 minutes (unhealthy)", "Restarting (1) 5 seconds ago"):
        called = start(tmp_path, user_data["web"], [("docker ps", f"Up 2 minutes (healthy)\n{status}", 0)])
        assert called.result.code != 0
        assert not called.with_words("complete-lifecycle-action")


def test_hosts_wait_for_a_first_release(user_data: dict[str, str], tmp_path: Path) -> None:
    called = start(tmp_path, user_data["web"], [("get-parameter", "none", 0)])
    called.result.succeeded()
    assert started(called) == []
    assert called.with_words("complete-lifecycle-action")


def test_hosts_without_secrets_start_nothing(user_data: dict[str, str], tmp_path: Path) -> None:
    for secret in ("database", "environment"):
        called = start(tmp_path, user_data["web"], [(f"--secret-id my-site-production/{secret}", "", 254)])
        assert called.result.code == 254
        assert started(called) == []


def test_the_jobs_host_migrates_cleans_up_and_drills(choice: str, user_data: dict[str, str], tmp_path: Path) -> None:
    called = start(tmp_path, user_data["jobs"], [], "RELEASE=20270202T000000 site migrate")
    migrate = called.result.succeeded() and called.with_words("--name migrate")[0]
    assert "20270202T000000 sh -c python manage.py migrate --no-input && " in migrate
    assert migrate.endswith(" && python manage.py collectstatic --no-input")
    assert ("createcachetable" in migrate) == (choice == "tasks")
    assert start(tmp_path, user_data["jobs"], [("--name migrate", "", 3)], "site migrate").result.code == 3
    drill = start(tmp_path, user_data["jobs"], [], "DATABASE_HOST=drill site drill").with_words("--name drill")[0]
    assert "--env DATABASE_URL=postgres://my_site@drill:5432/my_site?sslmode=verify-full " in drill
    daily = start(tmp_path, user_data["jobs"], [], "site daily").with_words("--name daily")
    assert [line.count("manage.py clearsessions") for line in daily] == ([] if choice == "celery" else [1])


def test_docker_takes_its_commands(user_data: dict[str, str], tmp_path: Path) -> None:
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker Engine answers")
    env = machine_environment()
    image = f"takes-commands-{os.getpid()}"
    command = ["docker", "import", "--change", 'CMD ["true"]', "-", image]
    run(["sh", "-c", 'tar --create --files-from=/dev/null | "$@"', "-", *command], cwd=tmp_path, env=env).succeeded()
    try:
        for group in ("web", "jobs"):
            called = start(tmp_path, user_data[group], [], "site migrate")
            runs = [line[2:] for line in called.calls if line[:2] == ["docker", "run"]]
            assert runs
            for words in runs:
                words[words.index("--name") + 1] += f"-{os.getpid()}"
                made = [image if ".amazonaws.com/" in word else word for word in words if word != "--detach"]
                result = run(["docker", "create", *made], cwd=tmp_path, env=env).succeeded()
                run(["docker", "rm", "--volumes", result.out.strip()], cwd=tmp_path, env=env).succeeded()
    finally:
        run(["docker", "rmi", image], cwd=tmp_path, env=env)


# --- Releases ---------------------------------------------------------------------------------------------------------


OLD, NEW = "20270101T000000", "20270202T000000"


def release(project: Path, folder: Path, *arguments: str, answers: list[tuple[str, str, int]] | None = None) -> Called:
    """Run deploy.sh. A command that is sent to hosts has the ID `ID-` and its container, a refresh its group's name."""
    usual = [
        *(answers or []),
        ("get-caller-identity", "123456789012", 0),
        ("describe-auto-scaling-groups --auto-scaling-group-names my-site-production-web", "i-1\ti-2", 0),
        ("describe-auto-scaling-groups --auto-scaling-group-names my-site-production-jobs", "i-3", 0),
        ("send-command", "ID", 0),
        ("list-commands", "Success", 0),
        ("start-instance-refresh", "REFRESH", 0),
        ("describe-instance-refreshes", "Successful", 0),
        ("get-parameter", OLD, 0),
    ]
    return call(folder, [project / "deploy/aws/deploy.sh", *arguments], "aws docker sleep", usual)


def steps(called: Called) -> list[str]:
    """Return what changed something, in a few words each."""
    words = {
        "docker build": r"docker build .*--tag \S+/(\w+):",
        "docker push": r"docker push .*/(\w+):",
        "on hosts": r"send-command .*--instance-ids (.*) --query",
        "release": r"put-parameter .*--value (\S+)",
        "refresh": r"start-instance-refresh .*my-site-production-(\w+)",
    }
    lines = [" ".join(line) for line in called.calls]
    return [f"{word} {found[1]}" for line in lines for word, how in words.items() if (found := re.search(how, line))]


@pytest.fixture(scope="module")
def celery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new(tmp_path_factory.mktemp("aws"), "my_site", *CHOICES["celery"])


def sent(hosts: str, release: str, container: str) -> str:
    return f"on hosts {hosts} --parameters commands=RELEASE={release} site {container}"


def test_a_release_migrates_before_anything_changes(celery: Path, tmp_path: Path) -> None:
    called = release(celery, tmp_path, "production")
    called.result.succeeded()
    tag = re.search(r"release (\S+)", "\n".join(steps(called)))
    assert tag and re.fullmatch(r"\d{8}T\d{6}", tag[1])
    assert steps(called) == [
        "docker build web",
        "docker build nginx",
        "docker push web",
        "docker push nginx",
        sent("i-3", tag[1], "migrate"),
        sent("i-1\ti-2".replace("\t", " "), tag[1], "worker"),
        f"release {tag[1]}",
        "refresh web",
        "refresh jobs",
    ]
    assert "--region eu-central-1" in called.with_words("put-parameter")[0]


def test_a_failing_migration_stops_the_release(celery: Path, tmp_path: Path) -> None:
    for status in ("Failed", "TimedOut", "Cancelled", ""):
        answers = [("list-commands", status, 0), ("list-command-invocations", "relation exists", 0)]
        called = release(celery, tmp_path, "production", NEW, answers=answers)
        assert called.result.code != 0 and "relation exists" in called.result.out
        assert steps(called) == [sent("i-3", NEW, "migrate")]


def test_an_unhealthy_release_is_taken_back(celery: Path, tmp_path: Path) -> None:
    for status in ("Failed", "Cancelled", "InProgress"):
        called = release(celery, tmp_path, "production", NEW, answers=[("describe-instance-refreshes", status, 0)])
        assert called.result.code == 1 and "the old one comes back" in called.result.err
        assert steps(called) == [
            sent("i-3", NEW, "migrate"),
            sent("i-1 i-2", NEW, "worker"),
            f"release {NEW}",
            "refresh web",
            f"release {OLD}",
            sent("i-1 i-2", OLD, "worker"),
            "refresh web",
        ]
        assert called.with_words("cancel-instance-refresh")


def test_a_jobs_host_that_is_not_healthy_is_told(celery: Path, tmp_path: Path) -> None:
    answers = [("describe-instance-refreshes --auto-scaling-group-name my-site-production-jobs", "Failed", 0)]
    called = release(celery, tmp_path, "production", NEW, answers=answers)
    assert called.result.code == 1 and "host for jobs is not healthy" in called.result.err
    assert steps(called)[-2:] == ["refresh web", "refresh jobs"]


def test_a_rollback_takes_the_release_that_is_named(celery: Path, tmp_path: Path) -> None:
    called = release(celery, tmp_path, "production", NEW)
    called.result.succeeded()
    assert not called.with_words("docker")
    assert f"release {NEW}" in steps(called)
    unknown = release(celery, tmp_path, "production", "never", answers=[("describe-images", "", 254)])
    assert unknown.result.code == 254
    assert steps(unknown) == []


def test_without_a_host_for_jobs_nothing_is_released(celery: Path, tmp_path: Path) -> None:
    answers = [("names my-site-production-jobs", "", 0)]
    called = release(celery, tmp_path, "production", NEW, answers=answers)
    assert called.result.code != 0 and "no host of jobs is in service" in called.result.err
    assert steps(called) == []


def test_scripts_ask_for_an_environment(celery: Path, tmp_path: Path) -> None:
    for name in ("deploy.sh", "restore-drill.sh"):
        called = call(tmp_path, [celery / "deploy/aws" / name], "aws docker sleep", [])
        assert called.result.code != 0 and "staging or production" in called.result.err
        assert called.calls == []


# --- The component ----------------------------------------------------------------------------------------------------


def test_it_comes_and_goes_without_a_trace(tmp_path: Path) -> None:
    for name, chosen in (("full", FULL), ("tasks", TASKS)):
        (tmp_path / name).mkdir()
        project = new(tmp_path / name, "my-site", *chosen)
        before = shared(project)
        djscaffold("add", "aws", "--yes", "--no-sync", cwd=project).succeeded()
        assert "deploy/aws/compute.tf" in shared(project)
        djscaffold("remove", "aws", "--yes", "--no-sync", cwd=project).succeeded()
        assert shared(project) == before


# --- On moto ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Start moto and yield the environment that leads there."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    env = machine_environment(MOTO_IAM_LOAD_MANAGED_POLICIES="true")
    with (tmp_path / "moto.log").open("wb") as log:
        command = [TOOLS / "moto_server", "-p", str(port)]
        server = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 60
        while not answers(address):
            assert server.poll() is None and time.monotonic() < deadline, (tmp_path / "moto.log").read_text()
            time.sleep(0.1)
        known = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": address}
        yield machine_environment(**known, PATH=f"{TOOLS}:{os.environ['PATH']}")
    finally:
        server.kill()
        server.wait()


def client(cloud: dict[str, str], service: str) -> Any:
    return boto3.client(
        service,
        region_name="eu-central-1",
        endpoint_url=cloud["AWS_ENDPOINT_URL"],
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )


def forgotten(plan: dict[str, Any]) -> list[str]:
    """Return the changes of a plan that moto does not account for."""
    changes = []
    for resource in plan["resource_changes"]:
        before, after = resource["change"]["before"] or {}, resource["change"]["after"] or {}
        if resource["change"]["actions"] in (["no-op"], ["read"]):
            continue
        different = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        unknown = {name for name, value in resource["change"]["after_unknown"].items() if value is True}
        different = (different | unknown) - FORGOTTEN.get(resource["type"], set())
        if different or resource["change"]["actions"] != ["update"]:
            changes.append(f"{resource['address']}: {resource['change']['actions']} {sorted(different)}")
    return changes


@pytest.mark.xdist_group("aws-moto")
def test_an_environment_is_made_and_deleted(
    terraform: list[str], cloud: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not request.config.getoption("--everything"):
        pytest.skip("only with --everything: it takes minutes")
    project = new(tmp_path, "my_site", *CHOICES["celery"])
    folder = project / "deploy/aws"
    (folder / "moto_override.tf").write_text(
        'terraform {\n  backend "local" {}\n}\n\nprovider "aws" {\n  s3_use_path_style = true\n}\n'
    )
    # moto has no replication groups.
    (folder / "cache.tf").write_text('locals {\n  redis = "redis.invalid:6379"\n}\n')
    client(cloud, "route53").create_hosted_zone(Name="example.com", CallerReference="lab")
    init(folder, terraform)
    values = ["-no-color", "-var-file=production.tfvars", "-var=deletion_protection=false"]

    def tf(*words: str, code: int = 0) -> Result:
        result = run(["terraform", *words], cwd=folder, env=cloud, timeout=900)
        assert result.code == code, result
        return result

    refused = tf("plan", *values, code=1)
    assert "terraform workspace select production" in refused.err
    tf("workspace", "new", "production")
    tf("apply", "-auto-approve", *values)

    tf("plan", "-out=plan", *values)
    assert forgotten(json.loads(tf("show", "-json", "plan").out)) == []

    secrets = client(cloud, "secretsmanager")
    password = secrets.get_secret_value(SecretId="my-site-production/database")["SecretString"]
    state = (folder / "terraform.tfstate.d/production/terraform.tfstate").read_text()
    assert len(password) == 40 and password not in state

    # The scripts, with the real AWS CLI but for what moto lacks.
    (tmp_path / "bin").mkdir()
    for name, text in (("aws", LACKING.format(aws=TOOLS / "aws")), ("sleep", "#!/bin/sh\n")):
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    env = {**cloud, "PATH": f"{tmp_path}/bin:{cloud['PATH']}"}
    parameters, registry = client(cloud, "ssm"), client(cloud, "ecr")

    def told() -> list[str]:
        return [command["Parameters"]["commands"][0] for command in parameters.list_commands()["Commands"]]

    unknown = run([folder / "deploy.sh", "production", NEW], cwd=project, env=env)
    assert unknown.code != 0 and "ImageNotFound" in unknown.err
    for tag in (OLD, NEW):
        registry.put_image(
            repositoryName="my-site-production/nginx",
            imageManifest=json.dumps({"schemaVersion": 2, "layers": [], "tag": tag}),
            imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
            imageTag=tag,
        )
        run([folder / "deploy.sh", "production", tag], cwd=project, env=env).succeeded()
        assert parameters.get_parameter(Name="/my-site-production/release")["Parameter"]["Value"] == tag
    migrations = [f"RELEASE={OLD} site migrate", f"RELEASE={NEW} site migrate"]
    assert sorted(told()) == [*migrations, f"RELEASE={NEW} site worker"]
    run([folder / "restore-drill.sh", "production"], cwd=project, env=env).succeeded()
    assert any(re.fullmatch(r"DATABASE_HOST=my-site-production-drill\.\S+ site drill", words) for words in told())
    databases = client(cloud, "rds").describe_db_instances()["DBInstances"]
    assert [database["DBInstanceIdentifier"] for database in databases] == ["my-site-production"]
    # Releases are not Terraform's.
    tf("plan", "-out=plan", *values)
    assert forgotten(json.loads(tf("show", "-json", "plan").out)) == []

    tf("destroy", "-auto-approve", *values)
    assert client(cloud, "rds").describe_db_instances()["DBInstances"] == []
