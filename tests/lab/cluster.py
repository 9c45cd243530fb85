"""What kubectl sees of a cluster: an API server that keeps objects and lets Jobs and Deployments end at once."""

import copy
import json
import threading
import uuid
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Object = dict[str, Any]

APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
REVISION = "deployment.kubernetes.io/revision"
KINDS = {
    "configmaps": ("", "v1", "ConfigMap"),
    "persistentvolumeclaims": ("", "v1", "PersistentVolumeClaim"),
    "pods": ("", "v1", "Pod"),
    "services": ("", "v1", "Service"),
    "deployments": ("apps", "v1", "Deployment"),
    "replicasets": ("apps", "v1", "ReplicaSet"),
    "horizontalpodautoscalers": ("autoscaling", "v2", "HorizontalPodAutoscaler"),
    "jobs": ("batch", "v1", "Job"),
    "ingresses": ("networking.k8s.io", "v1", "Ingress"),
    "networkpolicies": ("networking.k8s.io", "v1", "NetworkPolicy"),
    "poddisruptionbudgets": ("policy", "v1", "PodDisruptionBudget"),
}


class Cluster:
    """Objects by resource and name, what was written in its order, and which releases do not work."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], Object] = {}
        self.written: list[str] = []
        # Releases whose migration fails, and images of Deployments that do not start: `web:2`.
        self.unmigratable: set[str] = set()
        self.broken: set[str] = set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, self))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def kubeconfig(self, folder: Path) -> Path:
        path = folder / "kubeconfig"
        named = {
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.server.server_port}"}}],
            "contexts": [{"name": "c", "context": {"cluster": "c"}}],
        }
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "c", **named}))
        return path

    def release_of(self, deployment: str) -> str:
        return tag(self.objects["deployments", deployment])

    def create(self, resource: str, made: Object) -> Object:
        name = made["metadata"]["name"]
        made["metadata"] |= {"uid": str(uuid.uuid4()), "generation": 1, "creationTimestamp": "2026-01-01T00:00:00Z"}
        if resource == "jobs":
            made["spec"]["selector"] = {"matchLabels": {"job-name": name}}
            fails = tag(made) in self.unmigratable
            made["status"] = {"conditions": [{"type": "Failed" if fails else "Complete", "status": "True"}]}
            pod = {
                "metadata": {"name": f"{name}-x", "labels": {"job-name": name}},
                "spec": made["spec"]["template"]["spec"],
            }
            pod |= {"status": {"phase": "Failed" if fails else "Succeeded"}}
            self.objects["pods", f"{name}-x"] = pod
        return self.keep(resource, made)

    def change(self, resource: str, name: str, patch: Any) -> Object | None:
        """Return the changed object, or nothing if the change is not allowed."""
        known = self.objects[resource, name]
        changed = copy.deepcopy(known)
        if isinstance(patch, list):
            for step in patch:
                *parents, last = step["path"].strip("/").split("/")
                within = changed
                for parent in parents:
                    within = within[parent]
                within[last] = step["value"]
        elif applied := patch.get("metadata", {}).get("annotations", {}).get(APPLIED):
            wanted = json.loads(applied)
            wanted["metadata"]["annotations"][APPLIED] = applied
            changed |= {key: value for key, value in wanted.items() if key != "metadata"}
            changed["metadata"] |= wanted["metadata"]
        if resource == "jobs" and changed["spec"]["template"] != known["spec"]["template"]:
            return None
        return self.keep(resource, changed)

    def keep(self, resource: str, kept: Object) -> Object:
        group, version, kind = KINDS[resource]
        kept |= {"apiVersion": f"{group}/{version}".lstrip("/"), "kind": kind}
        name = kept["metadata"]["name"]
        kept["metadata"]["resourceVersion"] = str(len(self.written) + 1)
        self.written.append(f"{kind} {name}")
        self.objects[resource, name] = kept
        if resource == "deployments":
            self.roll_out(kept)
        return kept

    def roll_out(self, deployment: Object) -> None:
        """Note the revision, and say how the pods of this release are."""
        meta, spec = deployment["metadata"], deployment["spec"]
        meta["generation"] += 1
        sets = [known for (resource, _), known in self.objects.items() if resource == "replicasets"]
        own = [known for known in sets if known["metadata"]["ownerReferences"][0]["uid"] == meta["uid"]]
        same = [known for known in own if known["spec"]["template"] == spec["template"]]
        revision = 1 + max((int(known["metadata"]["annotations"][REVISION]) for known in own), default=0)
        name = same[0]["metadata"]["name"] if same else f"{meta['name']}-{revision}"
        owner = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": meta["name"],
            "uid": meta["uid"],
            "controller": True,
        }
        labels = spec["template"]["metadata"]["labels"]
        meta.setdefault("annotations", {})[REVISION] = str(revision)
        self.objects["replicasets", name] = {
            "metadata": {
                "name": name,
                "uid": name,
                "labels": labels,
                "annotations": {REVISION: str(revision)},
                "ownerReferences": [owner],
            },
            "spec": {"replicas": 1, "selector": spec["selector"], "template": copy.deepcopy(spec["template"])},
        }
        count = spec.setdefault("replicas", 1)
        works = f"{meta['name']}:{tag(deployment)}" not in self.broken
        told = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas", "readyReplicas"), count)
        reason = "NewReplicaSetAvailable" if works else "ProgressDeadlineExceeded"
        condition = {"type": "Progressing", "status": str(works), "reason": reason}
        deployment["status"] = {"observedGeneration": meta["generation"], "conditions": [condition], **told}


def tag(workload: Object) -> str:
    return str(workload["spec"]["template"]["spec"]["containers"][0]["image"].rpartition(":")[2])


class Handler(BaseHTTPRequestHandler):
    def __init__(self, cluster: Cluster, *arguments: Any) -> None:
        self.cluster = cluster
        super().__init__(*arguments)

    def log_message(self, *arguments: Any) -> None:
        pass

    def answer(self, told: Any, code: int = 200) -> None:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, code: int, reason: str) -> None:
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": reason, "reason": reason}
        self.answer(status | {"code": code}, code)

    @property
    def place(self) -> tuple[str, str]:
        """Return the resource and the name, if any, that the path ends in."""
        words = urlsplit(self.path).path.strip("/").split("/")
        at = max(index for index, word in enumerate(words) if word in KINDS)
        return words[at], words[at + 1] if len(words) > at + 1 else ""

    @property
    def sent(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path in ("/api", "/apis", "/openapi/v3") or not any(f"/{resource}" in url.path for resource in KINDS):
            self.answer(described(url.path))
            return
        resource, name = self.place
        if url.path.endswith("/log"):
            self.answer(f"the log of {name}\n".encode())
        elif name and (found := self.cluster.objects.get((resource, name))):
            self.answer(found)
        elif name:
            self.refuse(404, "NotFound")
        elif "watch" in query:
            self.answer(b"")
        else:
            group, version, kind = KINDS[resource]
            wanted = query.get("fieldSelector", "").removeprefix("metadata.name=")
            labels = [word.split("=") for word in query.get("labelSelector", "").split(",") if word]
            items = [
                known
                for (of, called), known in self.cluster.objects.items()
                if of == resource
                and wanted in ("", called)
                and all(known["metadata"].get("labels", {}).get(key) == value for key, value in labels)
            ]
            listed = {"kind": f"{kind}List", "apiVersion": f"{group}/{version}".lstrip("/")}
            self.answer(listed | {"metadata": {"resourceVersion": "1"}, "items": items})

    def do_POST(self) -> None:
        self.answer(self.cluster.create(self.place[0], self.sent), 201)

    def do_PATCH(self) -> None:
        changed = self.cluster.change(*self.place, self.sent)
        if changed:
            self.answer(changed)
        else:
            self.refuse(422, "field is immutable")

    def do_DELETE(self) -> None:
        if self.headers["Content-Length"]:
            self.rfile.read(int(self.headers["Content-Length"]))
        if self.cluster.objects.pop(self.place, None):
            self.answer({"kind": "Status", "apiVersion": "v1", "status": "Success"})
        else:
            self.refuse(404, "NotFound")


def described(path: str) -> Any:
    """Return what the server says of itself: its resources, and that it checks fields."""
    groups = sorted({(group, version) for group, version, _ in KINDS.values() if group})
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        listed = []
        for group, version in groups:
            said = {"groupVersion": f"{group}/{version}", "version": version}
            listed.append({"name": group, "versions": [said], "preferredVersion": said})
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}
    if path == "/openapi/v3":
        places = ["api/v1", *(f"apis/{group}/{version}" for group, version in groups)]
        return {"paths": {place: {"serverRelativeURL": f"/openapi/v3/{place}?hash=1"} for place in places}}
    *_, group, version = [
        "",
        *path.removeprefix("/openapi/v3").removeprefix("/apis/").removeprefix("/api").strip("/").split("/"),
    ]
    own = {name: kind for name, (of, _, kind) in KINDS.items() if of == group.removeprefix("api")}
    if path.startswith("/openapi"):
        paths = {}
        for name, kind in own.items():
            patch = {
                "x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": kind},
                "parameters": [{"name": "fieldValidation", "in": "query"}],
            }
            paths[f"/{name}/{{name}}"] = {"patch": patch}
        return {"openapi": "3.0.0", "info": {"title": "", "version": ""}, "paths": paths}
    verbs = ["create", "delete", "get", "list", "patch", "watch"]
    resources = [{"name": name, "kind": kind, "namespaced": True, "verbs": verbs} for name, kind in own.items()]
    gv = f"{group}/{version}".lstrip("/")
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": gv, "resources": resources}
