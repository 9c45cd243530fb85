"""The site in a swarm: replicas that share all there is, and releases that lose no request."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from containers.conftest import MakeProject
from containers.nginx import fit_nginx
from containers.releases import change_sheet, in_use, served_sheet, write_migration
from containers.swarm import Swarm, registry

PASSWORD = "correct horse battery"
CREATE = f"""
from accounts.models import CustomUser
from allauth.account.models import EmailAddress

ada = CustomUser.objects.create_superuser("ada", "ada@localhost", "{PASSWORD}")
EmailAddress.objects.create(user=ada, email=ada.email, primary=True, verified=True)
"""
# What a replica itself answers to somebody with this session.
ASK = """
import sys, urllib.request
request = urllib.request.Request(
    f"http://127.0.0.1:8000{sys.argv[1]}",
    headers={"Host": "localhost", "Cookie": f"sessionid={sys.argv[2]}", "X-Forwarded-Proto": "https"},
)
with urllib.request.urlopen(request) as answer:
    sys.stdout.write(answer.read().decode())
"""


@pytest.fixture(scope="module")
def swarm(make_project: MakeProject, answers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    """Follow the README from an engine that is in no swarm."""
    project = make_project("--answers", str(answers), "--with", "swarm,docs")
    fit_nginx(project)
    made = Swarm(project)
    with registry(tmp_path_factory.mktemp("registry")) as address:
        made.shell("docker swarm leave --force")
        made.shell("\n".join(made.documented("### On a server"))).succeeded()
        values = {"ALLOWED_HOSTS": "localhost", "EMAIL_URL": "consolemail://", "DEFAULT_FROM_EMAIL": "a@localhost"}
        for name, value in {**values, "REGISTRY": address, "HTTP_PORT": made.ports["HTTP_PORT"]}.items():
            made.set(name, value)
        try:
            for command in made.documented("### Docker Swarm"):
                if not command.startswith("docker exec"):
                    made.shell(command.replace("swarm init", "swarm init --advertise-addr 127.0.0.1")).succeeded()
            made.manage(made.running("web")[0], CREATE)
            yield made
        finally:
            made.end()


def test_all_is_running_once_or_three_times(swarm: Swarm) -> None:
    number = {name: len(swarm.running(name)) for name in ("web", "worker", "beat", "nginx", "postgres", "redis")}
    assert number == {"web": 3, "worker": 1, "beat": 1, "nginx": 1, "postgres": 1, "redis": 1}
    assert swarm.visitor().ask("/").status == 200


def test_no_secret_can_be_read_from_outside(swarm: Swarm) -> None:
    services = swarm.docker("service", "ls", "--quiet").succeeded().out.split()
    inspected = swarm.docker("service", "inspect", *services).succeeded().out
    assert len(swarm.secrets()) >= 2
    for name, value in swarm.secrets().items():
        assert value not in inspected, name
    container = swarm.running("web")[0]
    assert swarm.secrets()["POSTGRES_PASSWORD"] not in swarm.inside(container, "env")


def test_a_login_made_on_one_holds_on_all(swarm: Swarm) -> None:
    visitor = swarm.visitor()
    assert "ada" in visitor.send("/accounts/login/", login="ada", password=PASSWORD).text
    (session,) = [cookie.value for cookie in visitor.jar if cookie.name == "sessionid"]
    for container in swarm.running("web"):
        assert "ada" in swarm.inside(container, "python", "-c", ASK, "/", session or "")


def test_cache_is_shared(swarm: Swarm) -> None:
    first, *others = swarm.running("web")
    swarm.manage(first, "from django.core.cache import cache; cache.set('shared', 'by all')")
    for other in others:
        assert swarm.manage(other, "from django.core.cache import cache; print(cache.get('shared'))") == "by all"


def test_an_upload_is_served_whoever_took_it(swarm: Swarm) -> None:
    visitor = swarm.visitor()
    visitor.send("/accounts/login/", login="ada", password=PASSWORD)
    answer = visitor.send("/library/documents/new/", title="Letter", file=("letter.txt", b"Dear all"))
    assert answer.status == 200 and "Letter" in answer.text
    for container in swarm.running("web"):
        assert "letter" in swarm.inside(container, "find", "/app/media", "-name", "letter*")


def test_failed_logins_are_counted_together(swarm: Swarm) -> None:
    """Each request goes to another replica; the limit is not three times as high."""
    for _ in range(8):
        last = swarm.visitor().send("/accounts/login/", login="bob", password="wrong")
    assert last.status == 429 or "too many" in last.text.lower(), last.text


def test_replicas_are_measured(swarm: Swarm) -> None:
    said = swarm.shell(f"python3 deploy/measure.py {swarm.address} / --seconds 3 --rate 1000").succeeded().out
    costs = dict(re.findall(r"(\w+) ([\d.]+)(?:,|$)", said.splitlines()[1].partition("  0  ")[2]))
    assert set(costs) == {"web", "worker", "beat", "nginx", "postgres", "redis"}, said
    assert 0.5 < float(costs["web"]) < 100 and float(costs["nginx"]) > 0, said
    assert re.search(r"That is \d+ replicas of web with WEB_CONCURRENCY=2 and 1 CPUs each; there are 3\.", said), said


def test_second_release_loses_no_request_and_migrates_once(swarm: Swarm) -> None:
    write_migration(swarm, "second", "CREATE TABLE second_release (id integer)")
    change_sheet(swarm, "second-release")
    before = swarm.running("web")
    with in_use(swarm):
        swarm.release().succeeded()
    assert not set(before) & set(settled(swarm))
    assert ".second-release" in served_sheet(swarm)
    logs = "".join(swarm.log(service) for service in ("migrate", "web", "worker", "beat"))
    assert logs.count("_second...") == 1, logs


def test_failing_migration_leaves_the_old_release_serving(swarm: Swarm) -> None:
    before = settled(swarm)
    broken = write_migration(swarm, "third", "SELECT 1 / 0")
    with in_use(swarm):
        failed = swarm.release()
    broken.unlink()
    assert failed.code != 0 and "division by zero" in failed.output, failed
    assert settled(swarm) == before


def test_a_release_that_does_not_start_is_rolled_back(swarm: Swarm) -> None:
    gunicorn = swarm.project / "deploy/gunicorn.conf.py"
    whole = gunicorn.read_text()
    gunicorn.write_text(f"{whole}\nraise SystemExit(1)\n")
    with in_use(swarm):
        failed = swarm.release()
    gunicorn.write_text(whole)
    assert failed.code != 0 and "not healthy" in failed.output, failed
    settled(swarm)


def test_former_release_comes_back(swarm: Swarm) -> None:
    (current,) = images(swarm, "web")
    tags = json.loads(swarm.shell(f"curl -s http://{current.partition('/')[0]}/v2/{swarm.name}-web/tags/list").out)
    with in_use(swarm):
        swarm.release(sorted(tags["tags"])[0]).succeeded()
    settled(swarm)
    assert ".second-release" not in served_sheet(swarm)
    assert images(swarm, "web") != {current}


def test_a_killed_replica_is_not_missed_and_replaced(swarm: Swarm) -> None:
    lost, *others = settled(swarm)
    with in_use(swarm):
        swarm.docker("kill", lost).succeeded()
        time.sleep(5)
        running = settled(swarm)
    assert lost not in running and set(others) < set(running)


def test_scaled_down_and_up_without_a_lost_request(swarm: Swarm) -> None:
    for replicas in ("1", "3"):
        with in_use(swarm):
            swarm.docker("service", "scale", f"{swarm.name}_web={replicas}").succeeded()
        settled(swarm, int(replicas))


def test_unknown_release_changes_nothing(swarm: Swarm) -> None:
    before = swarm.running("web")
    refused = swarm.release("nonsense")
    assert refused.code != 0 and "nonsense" in refused.output, refused
    assert swarm.running("web") == before


def settled(swarm: Swarm, replicas: int = 3) -> list[str]:
    """Wait until as many replicas are left, and all is of one release; return the containers of web."""
    deadline = time.monotonic() + 150
    while True:
        web = swarm.running("web")
        releases = {image for service in ("web", "worker", "beat") for image in images(swarm, service)}
        if len(web) == replicas and len(releases) == 1:
            return web
        assert time.monotonic() < deadline, (web, releases)
        time.sleep(1)


def images(swarm: Swarm, service: str) -> set[str]:
    """Return the images of all that runs for this, without their digests."""
    label = f"label=com.docker.swarm.service.name={swarm.name}_{service}"
    said = swarm.docker("ps", "--filter", label, "--format", "{{.Image}}").succeeded().out
    return {image.partition("@")[0] for image in said.split()}
