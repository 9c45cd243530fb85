"""What is for Kubernetes: the API takes it, its parts fit together, and a release leaves the site up.

No cluster runs it: the API's own schemas look at it, and the release script runs with the real kubectl against a server
that stands for one.
"""

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.cluster import Cluster
from lab.test_living import shared
from support.binary import WITHOUT_TOOLS, djscaffold, new
from support.commands import Result, clean_environment, run

TOOLS = Path(sys.executable).parent
LIBRARY = Path(__file__).parents[1] / "containers/library.toml"
FULL = ("--preset", "full", "--without", "nginx")
CHOICES = {
    "full": FULL,
    "s3": (
        *FULL,
        *("--set", "storage.backend=s3", "--set", "celery.broker=rabbitmq", "--set", "cache.backend=memcached"),
    ),
    "uploads": ("--answers", "uploads.toml", "--with", "tasks,cache", "--set", "cache.backend=database"),
    "minimal": ("--preset", "minimal"),
}
OVERLAYS = ("staging", "production")
VERSIONS = ("1.27", "1.32", "1.37")

Object = dict[str, Any]


def generated(folder: Path, *arguments: str) -> Path:
    (folder / "uploads.toml").write_text(f"preset = 'minimal'\n{LIBRARY.read_text()}")
    return new(folder, "my_site", *arguments)


def rendered(project: Path, overlay: str) -> str:
    command = [TOOLS / "kubectl", "kustomize", f"deploy/kubernetes/overlays/{overlay}"]
    return run(command, cwd=project, env=clean_environment(project.parent)).succeeded().out


@pytest.fixture(scope="module", params=CHOICES)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generated(tmp_path_factory.mktemp("kubernetes"), *CHOICES[request.param], "--with", "kubernetes")


@pytest.fixture(scope="module", params=OVERLAYS)
def objects(request: pytest.FixtureRequest, project: Path) -> list[Object]:
    return list(yaml.safe_load_all(rendered(project, request.param)))


def of_kind(objects: list[Object], kind: str) -> dict[str, Object]:
    return {known["metadata"]["name"]: known for known in objects if known["kind"] == kind}


def pods(objects: list[Object]) -> dict[str, Object]:
    """Return the pod templates by what makes them."""
    makers = [known for known in objects if known["kind"] in ("Deployment", "Job")]
    return {known["metadata"]["name"]: known["spec"]["template"] for known in makers}


def container(pod: Object) -> Object:
    (only,) = pod["spec"]["containers"]
    return dict(only)


def matched(selector: Object, objects: list[Object]) -> set[str]:
    """Return the names of what makes the pods that a selector finds."""
    return {name for name, pod in pods(objects).items() if selector.items() <= pod["metadata"]["labels"].items()}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_api_knows_every_field(project: Path, overlay: str, version: str, tmp_path: Path) -> None:
    path = tmp_path / "rendered.yaml"
    path.write_text(rendered(project, overlay))
    command = [TOOLS / "kubernetes-validate", "--strict", "-k", version, path]
    said = run(command, cwd=tmp_path, env=clean_environment(tmp_path)).succeeded()
    assert said.output.count("passed") == len(list(yaml.safe_load_all(path.read_text()))) >= 8


def test_selectors_find_their_pods_and_no_others(objects: list[Object]) -> None:
    for name, deployment in of_kind(objects, "Deployment").items():
        assert matched(deployment["spec"]["selector"]["matchLabels"], objects) == {name}
    web = of_kind(objects, "Service")["web"]["spec"]["selector"]
    assert matched(web, objects) == {"web"}
    assert of_kind(objects, "PodDisruptionBudget")["web"]["spec"]["selector"]["matchLabels"] == web
    for spread in pods(objects)["web"]["spec"]["topologySpreadConstraints"]:
        assert spread["labelSelector"]["matchLabels"] == web
    policies = of_kind(objects, "NetworkPolicy")
    assert matched(policies["web"]["spec"]["podSelector"]["matchLabels"], objects) == {"web"}
    assert matched(policies["all"]["spec"]["podSelector"]["matchLabels"], objects) == set(pods(objects))
    assert not policies["all"]["spec"].get("ingress")


def test_names_and_ports_lead_somewhere(objects: list[Object]) -> None:
    assert of_kind(objects, "HorizontalPodAutoscaler")["web"]["spec"]["scaleTargetRef"]["name"] == "web"
    (path,) = of_kind(objects, "Ingress")["web"]["spec"]["rules"][0]["http"]["paths"]
    (port,) = of_kind(objects, "Service")["web"]["spec"]["ports"]
    assert path["backend"]["service"] == {"name": "web", "port": {"name": port["name"]}}
    web = container(pods(objects)["web"])
    assert web["ports"] == [{"name": port["targetPort"], "containerPort": 8000}]
    (let_in,) = of_kind(objects, "NetworkPolicy")["web"]["spec"]["ingress"]
    asked = [web[probe]["httpGet"]["port"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")]
    assert {let_in["ports"][0]["port"], *asked} == {port["targetPort"]}
    (environment,) = of_kind(objects, "ConfigMap")
    for pod in pods(objects).values():
        assert container(pod)["envFrom"] == [
            {"configMapRef": {"name": environment}},
            {"secretRef": {"name": "secrets"}},
        ]
        volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
        assert set(volumes) == {mount["name"] for mount in container(pod)["volumeMounts"]}
        claims = {volume["persistentVolumeClaim"]["claimName"] for name, volume in volumes.items() if name != "tmp"}
        assert claims == set(of_kind(objects, "PersistentVolumeClaim"))


def test_every_file_is_used(project: Path) -> None:
    base = project / "deploy/kubernetes/base"
    used = yaml.safe_load((base / "kustomization.yaml").read_text())
    names = [*used["resources"], *(patch["path"] for patch in used["patches"])]
    assert sorted(["kustomization.yaml", *names]) == sorted(path.name for path in base.iterdir())


def test_pods_are_restricted(objects: list[Object]) -> None:
    for pod in pods(objects).values():
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container(pod)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }


def test_pods_have_the_memory_they_ask_for(project: Path, objects: list[Object]) -> None:
    limit = re.search(r"memory: (\d+)M", (project / "compose.production.yml").read_text())
    assert limit
    for pod in pods(objects).values():
        resources = container(pod)["resources"]
        assert resources["limits"] == {"memory": f"{limit[1]}Mi"}
        assert int(resources["requests"]["memory"].removesuffix("Mi")) <= int(limit[1])
        assert resources["requests"]["cpu"].endswith("m")


def test_no_request_is_cut_short(project: Path, objects: list[Object]) -> None:
    web = of_kind(objects, "Deployment")["web"]["spec"]
    assert web["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert of_kind(objects, "HorizontalPodAutoscaler")["web"]["spec"]["minReplicas"] > 1
    assert "replicas" not in web
    leaves = container(web["template"])["lifecycle"]["preStop"]["exec"]["command"]
    finishes = re.search(r"^graceful_timeout = (\d+)", (project / "deploy/gunicorn.conf.py").read_text(), re.MULTILINE)
    assert finishes
    assert web["template"]["spec"]["terminationGracePeriodSeconds"] > int(leaves[1]) + int(finishes[1])


def test_processes_are_those_of_compose(project: Path, objects: list[Object]) -> None:
    services = yaml.safe_load((project / "compose.production.yml").read_text())["services"]
    image, sizes = services["web"]["image"], {}
    for name, service in services.items():
        if service.get("image") == image and name not in ("web", "migrate"):
            pod = pods(objects)[name]
            sizes[name] = of_kind(objects, "Deployment")[name]["spec"].get("replicas")
            assert container(pod)["command"] == service["command"]
            assert f"{pod['spec']['terminationGracePeriodSeconds']}s" == service["stop_grace_period"]
            health = service["healthcheck"]["test"][1].replace("$$", "$")
            probes = [container(pod)[probe]["exec"]["command"] for probe in ("startupProbe", "livenessProbe")]
            assert probes == [["sh", "-c", health]] * 2
    assert {*sizes, "web", "migrate-this-release"} == set(pods(objects))
    if "beat" in sizes:
        assert sizes["beat"] == 1
        assert of_kind(objects, "Deployment")["beat"]["spec"]["strategy"] == {"type": "Recreate"}
    migrates = container(pods(objects)["migrate-this-release"])["command"]
    expected = services["migrate"]["command"]
    assert migrates == (shlex.split(expected) if isinstance(expected, str) else expected)


def test_every_required_variable_is_set_once_and_no_password_is_shown(project: Path, objects: list[Object]) -> None:
    (public,) = of_kind(objects, "ConfigMap").values()
    written = re.search(r"> \.\./production\.env\) <<END\n(.*?)END\n", (project / "README.md").read_text(), re.DOTALL)
    assert written
    secret = dict(line.split("=", 1) for line in written[1].splitlines())
    assert not set(public["data"]) & set(secret)
    settings = (project / "config/settings/production.py").read_text()
    required = re.findall(r'^    "(\w+)",$', settings.partition("REQUIRED = [")[2].partition("]")[0], re.MULTILINE)
    assert "SECRET_KEY" in required and set(required) <= {*public["data"], *secret}
    assert not re.search("password|secret|key|://|user:", yaml.safe_dump(public["data"]), re.IGNORECASE)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    yield made
    made.server.shutdown()
    made.server.server_close()


class Releases:
    """A project whose placeholders are replaced, and the cluster that it is released to."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.project = generated(folder, *FULL, "--with", "kubernetes")
        self.cluster = cluster
        self.env = clean_environment(folder, TOOLS, KUBECONFIG=str(cluster.kubeconfig(folder)))

    def prepare(self) -> None:
        for path in (self.project / "deploy/kubernetes").rglob("*.yaml"):
            path.write_text(path.read_text().replace("change-me", "example"))

    def release(self, name: str) -> Result:
        self.cluster.written.clear()
        script = self.project / "deploy/kubernetes/release.sh"
        return run([script, "production", name], cwd=self.project, env=self.env, timeout=120)

    @property
    def running(self) -> list[str]:
        return [self.cluster.release_of(name) for name in ("web", "worker", "beat")]


@pytest.fixture
def releases(tmp_path: Path, cluster: Cluster) -> Releases:
    made = Releases(tmp_path, cluster)
    made.prepare()
    return made


def test_a_release_migrates_once_before_workers_and_those_before_web(releases: Releases) -> None:
    # A number in YAML, as short names of commits can be.
    for name in ("1234567", "12e4567"):
        releases.release(name).succeeded()
        workloads = [line for line in releases.cluster.written if line.startswith(("Job", "Deployment"))]
        assert workloads[0] == f"Job migrate-{name}"
        assert sorted(workloads[1:3]) == ["Deployment beat", "Deployment worker"]
        assert workloads[3:] == ["Deployment web"]
        assert releases.running == [name] * 3


def test_a_failing_migration_leaves_the_old_release(releases: Releases) -> None:
    releases.release("1").succeeded()
    releases.cluster.unmigratable.add("2")
    failed = releases.release("2")
    assert failed.code == 1 and "the log of migrate-2" in failed.out
    assert releases.cluster.written == ["Job migrate-2"] and releases.running == ["1"] * 3
    releases.cluster.unmigratable.clear()
    releases.release("2").succeeded()
    assert releases.running == ["2"] * 3


@pytest.mark.parametrize("broken", ["web", "worker"])
def test_a_release_that_does_not_start_is_taken_back(releases: Releases, broken: str) -> None:
    releases.release("1").succeeded()
    before = releases.cluster.objects["deployments", "web"]["spec"]
    releases.cluster.broken.add(f"{broken}:2")
    failed = releases.release("2")
    assert failed.code == 1 and "going back" in failed.err
    assert releases.running == ["1"] * 3 and releases.cluster.objects["deployments", "web"]["spec"] == before
    releases.release("3").succeeded()
    assert releases.running == ["3"] * 3


def test_placeholders_are_never_released(tmp_path: Path, cluster: Cluster) -> None:
    releases = Releases(tmp_path, cluster)
    refused = releases.release("1")
    assert refused.code == 1 and "Replace each change-me" in refused.err
    assert not cluster.objects


def test_it_comes_and_goes_without_a_trace(tmp_path: Path) -> None:
    project = generated(tmp_path, *FULL)
    before = shared(project)
    for command in ("add", "remove"):
        djscaffold(command, "kubernetes", "--yes", "--no-sync", cwd=project).succeeded()
        assert (project / "deploy/kubernetes").exists() == (command == "add")
    assert shared(project) == before


def test_it_replaces_nginx(tmp_path: Path) -> None:
    chosen = ("--preset", "full", "--with", "kubernetes")
    refused = djscaffold("new", "mysite", *WITHOUT_TOOLS, *chosen, cwd=tmp_path)
    assert refused.code != 0 and "nginx" in refused.err
