"""Would a cluster take the manifests, and is what they start locked up well?"""

import shutil
import subprocess

import kubernetes_validate
import pytest
from kubernetes_validate.utils import all_versions, major_minor
from tests.deploy.reading import DEPLOY, Manifest, containers, manifests, own, places, pods, read_yaml

OLDEST = "1.29"
"""The first Kubernetes in which a container may run beside the others for as long as they do."""

VERSIONS = sorted({major_minor(version) for version in all_versions()} - {f"1.{minor}" for minor in range(29)})
SECRETS = {
    "leitstand-database": {"url"},
    "leitstand-keys": {"default.key"},
    "leitstand-tls": {"tls.crt", "tls.key"},
    "leitstand-entrance": {"htpasswd"},
}
DOCUMENTED = (DEPLOY.parent / "docs/how-to/deploy.md").read_text(encoding="utf-8")


def test_enough_versions_are_known() -> None:
    assert len(VERSIONS) >= 9


@pytest.mark.parametrize("version", VERSIONS)
def test_the_schemas_of_each_version_accept_every_manifest(version: str) -> None:
    for manifest in manifests().values():
        kubernetes_validate.validate(manifest, version, strict=True)


FREE = {"labels", "matchLabels", "data", "limits", "requests", "selector"}
"""Mappings whose keys are names that nobody prescribes."""


@pytest.mark.parametrize("name", sorted({*manifests()} - {"work"}))  # which has the schema of serve
def test_an_unknown_key_anywhere_is_noticed(name: str) -> None:
    for place, value in places(manifests()[name]):
        if not isinstance(value, dict) or FREE & set(place.split("/")):
            continue
        manifest = manifests()[name]
        dict(places(manifest))[place]["mistyped"] = "x"
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(manifest, OLDEST, strict=True)


@pytest.mark.parametrize("name", pods())
def test_a_pod_has_no_rights_it_does_not_need(name: str) -> None:
    pod = pods()[name]["spec"]
    security = pod["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] >= 10_000
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False, "a Service would set variables that no setting may have"
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert not [volume for volume in pod["volumes"] if "hostPath" in volume]
    for container in containers(pods()[name]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]
        assert ":" in container["image"] and not container["image"].endswith(":latest")


@pytest.mark.parametrize("name", pods())
def test_what_a_pod_mounts_is_there_and_what_is_there_is_mounted(name: str) -> None:
    volumes = {volume["name"] for volume in pods()[name]["spec"]["volumes"]}
    mounted = [mount for container in containers(pods()[name]) for mount in container["volumeMounts"]]
    assert {mount["name"] for mount in mounted} == volumes
    secret = [mount for mount in mounted if mount["name"] in ("keys", "entrance")]
    assert secret and all(mount["readOnly"] for mount in secret)
    environment = read_settings()
    writable = {mount["mountPath"] for mount in mounted if not mount.get("readOnly")}
    assert environment["LEITSTAND_DATA"] in writable
    assert any(environment["LEITSTAND_CACHE"].startswith(f"{path}/") for path in writable)
    assert environment["LEITSTAND_KEYS"] in {mount["mountPath"] for mount in mounted if mount["name"] == "keys"}


def read_settings() -> dict[str, str]:
    found: dict[str, str] = manifests()["settings"]["data"]
    return found


@pytest.mark.parametrize("name", pods())
def test_secrets_come_by_reference_and_are_documented(name: str) -> None:
    assert not [each for each in manifests().values() if each["kind"] == "Secret"]
    referred: dict[str, set[str]] = {}
    for _, value in places(pods()[name]):
        if isinstance(value, dict) and "secretKeyRef" in value:
            referred.setdefault(value["secretKeyRef"]["name"], set()).add(value["secretKeyRef"]["key"])
        if isinstance(value, dict) and "secret" in value:
            secret = value["secret"]
            keys = {item["key"] for item in secret.get("items", [])}
            referred.setdefault(secret.get("secretName") or secret["name"], set()).update(keys)
    assert {"leitstand-database", "leitstand-keys"} <= set(referred) <= set(SECRETS)
    for secret_name, keys in referred.items():
        assert keys <= SECRETS[secret_name]
        assert secret_name in DOCUMENTED
        assert all(key in DOCUMENTED for key in SECRETS[secret_name])


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a selector of labels takes a pod."""
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    return bool(wanted) and all(
        labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", [])
    )


def test_whoever_selects_pods_selects_the_right_ones() -> None:
    known, labels = manifests(), {name: pod["metadata"]["labels"] for name, pod in pods().items()}
    chosen = {
        name: {pod for pod in labels if selects(selector, labels[pod])}
        for name, selector in {
            "service": {"matchLabels": known["service"]["spec"]["selector"]},
            "serve": known["serve"]["spec"]["selector"],
            "work": known["work"]["spec"]["selector"],
            "disruption": known["disruption"]["spec"]["selector"],
            "network-deny": known["network-deny"]["spec"]["podSelector"],
            "network-database": known["network-database"]["spec"]["podSelector"],
            "network-model": known["network-model"]["spec"]["podSelector"],
        }.items()
    }
    everyone = {"serve", "work", "migrate"}
    assert chosen == {
        "service": {"serve"},
        "serve": {"serve"},
        "work": {"work"},
        "disruption": {"serve"},
        "network-deny": everyone,
        "network-database": everyone,
        "network-model": {"serve", "work"},
    }
    scaled = known["autoscaler"]["spec"]["scaleTargetRef"]
    assert (scaled["kind"], scaled["name"]) == ("Deployment", known["serve"]["metadata"]["name"])
    assert "replicas" not in known["serve"]["spec"], "the autoscaler would be undone by each apply"


def test_the_service_leads_to_the_door_and_not_to_leitstand() -> None:
    ports = {
        port["name"]: (container["name"], port["containerPort"])
        for container in containers(pods()["serve"])
        for port in container["ports"]
    }
    [port] = manifests()["service"]["spec"]["ports"]
    assert ports[port["targetPort"]] == ("proxy", 8443)
    proxy = (DEPLOY / "proxy/nginx.conf").read_text(encoding="utf-8")
    assert f"listen {ports['https'][1]} ssl;" in proxy
    assert str(ports["probes"][1]) == read_settings()["LEITSTAND_PROBES_PORT"]
    allowed = [entry["ports"][0]["port"] for entry in manifests()["network-callers"]["spec"]["ingress"]]
    assert allowed == [ports["https"][1], ports["probes"][1]]


def test_nothing_goes_out_but_where_it_is_allowed_to() -> None:
    policies = [each for each in manifests().values() if each["kind"] == "NetworkPolicy"]
    [closed] = [each["spec"] for each in policies if each["spec"]["podSelector"] == {}]
    assert closed["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in closed
    ways = [way for each in policies for way in each["spec"].get("egress", [])]
    assert len(ways) == 3
    for way in ways:
        assert way["to"] and way["ports"], "an empty list allows everything"
        for port in way["ports"]:
            assert {"protocol", "port"} <= set(port)
        for peer in way["to"]:
            cidr = peer.get("ipBlock", {}).get("cidr", "")
            assert cidr.endswith("/32") or {"namespaceSelector", "podSelector"} <= set(peer)
    assert {port["port"] for way in ways for port in way["ports"]} == {53, 5432, 443}


def test_a_pod_has_the_time_to_finish_its_cases() -> None:
    for name in ("serve", "work"):
        pod = pods()[name]["spec"]
        sleep = own(pods()[name]).get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["", "0"])[1]
        open_requests = 10  # timeout_graceful_shutdown in cli/server.py
        needed = int(sleep) + int(read_settings()["LEITSTAND_DRAIN_SECONDS"]) + open_requests
        assert pod["terminationGracePeriodSeconds"] > needed
    update = manifests()["serve"]["spec"]["strategy"]["rollingUpdate"]
    assert update == {"maxUnavailable": 0, "maxSurge": 1}
    assert manifests()["autoscaler"]["spec"]["minReplicas"] >= 2


def test_the_kustomization_names_every_manifest_and_nothing_else() -> None:
    text = (DEPLOY / "kustomization.yaml").read_text(encoding="utf-8")
    kustomization = read_yaml(text)
    known = {"apiVersion", "kind", "namespace", "resources", "configMapGenerator", "images"}
    assert set(kustomization) == known
    listed = {path.removeprefix("kubernetes/").removesuffix(".yaml") for path in kustomization["resources"]}
    assert listed | {"work"} == set(manifests())
    assert "# - kubernetes/work.yaml" in text
    [generated] = kustomization["configMapGenerator"]
    assert all((DEPLOY / file).is_file() for file in generated["files"])
    configured = {each["configMap"]["name"] for each in pods()["serve"]["spec"]["volumes"] if "configMap" in each}
    assert configured == {generated["name"]}
    names = {each["metadata"]["name"] for each in manifests().values() if each["kind"] == "ConfigMap"}
    referred = {own(pod)["envFrom"][0]["configMapRef"]["name"] for pod in pods().values()}
    assert referred == names
    if kubectl := shutil.which("kubectl"):
        command = [kubectl, "kustomize", str(DEPLOY)]
        built = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert built.returncode == 0, built.stderr
        documents = [read_yaml(each) for each in built.stdout.split("\n---\n")]
        assert len(documents) == len(listed) + 1
        for document in documents:
            kubernetes_validate.validate(document, VERSIONS[-1], strict=True)
            assert document["kind"] == "Namespace" or document["metadata"]["namespace"] == "leitstand"
