"""Does the Terraform module say what the manifests say, with what differs from one installation to the next?"""

import copy
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from kubernetes_validate.utils import latest_version
from tests.deploy import hcl
from tests.deploy.reading import DEPLOY, Manifest, containers, manifests, pods, read_yaml
from tests.deploy.test_kubernetes import SECRETS

MODULE = DEPLOY / "terraform"
FILES = sorted(MODULE.rglob("*.tf"))
TEXTS = {path.relative_to(MODULE): path.read_text(encoding="utf-8") for path in FILES}
OURS = "\n".join(text for path, text in TEXTS.items() if path.parent == Path())
APPLY = TEXTS[Path("apply/main.tf")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(MODULE)))
def test_a_file_is_well_formed(path: Path) -> None:
    hcl.check(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("broken", ["a = [1, 2", "a = {\n]", "a = 'x'", "a = @", 'a = "x\n"', "}"])
def test_what_is_not_well_formed_is_noticed(broken: str) -> None:
    with pytest.raises(ValueError):
        hcl.check(broken)


@pytest.mark.parametrize("text", [OURS, APPLY], ids=["module", "apply"])
def test_every_variable_is_used_described_and_typed(text: str) -> None:
    declared = {block.labels[0]: block.text for block in hcl.blocks(text) if block.kind == "variable"}
    used = set().union(*(hcl.references(block.text, "var") for block in hcl.blocks(text) if block.kind != "variable"))
    assert used == set(declared)
    for name, body in declared.items():
        assert re.search(r'^  description = "\S', body, re.MULTILINE), name
        assert re.search(r"^  type +=", body, re.MULTILINE), name


def test_every_local_is_used_and_declared() -> None:
    [body] = [block.text for block in hcl.blocks(OURS) if block.kind == "locals"]
    declared = set(re.findall(r"^  (\w+) += ", body, re.MULTILINE))
    assert hcl.references(OURS, "local") == declared


def test_what_is_replaced_and_changed_is_in_the_manifests() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in (DEPLOY / "kubernetes").iterdir())
    for replaced in re.findall(r'"(image: [^"$]+)"', OURS):
        assert replaced in texts
    for name in re.findall(r'local\.read\["([\w-]+)"\]', OURS):
        assert name in manifests()
    assert set(re.findall(r"^    (\w[\w-]*) += \{ (?:data|spec)", OURS, re.MULTILINE)) <= set(manifests())
    rendered = {*manifests(), "proxy"}
    early = re.search(r"toset\(\[([^\]]+)\]\)", APPLY)
    assert early and set(re.findall(r'"([\w-]+)"', early[1])) <= rendered
    assert set(re.findall(r'manifests\["([\w-]+)"\]', APPLY)) <= rendered
    promised = {
        name: set(re.findall(r'"([^"]+)"', keys)) for name, keys in re.findall(r"(leitstand-\w+) += \[(.*)\]", OURS)
    }
    assert promised == SECRETS


def terraform(folder: Path, *arguments: str) -> str:
    """What Terraform prints; it has to succeed without a network and without an account."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "CHECKPOINT_DISABLE": "1"}
    program = shutil.which("terraform")
    assert program
    ran = subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


PLACES: dict[str, Any] = {
    "image": "registry.example/leitstand@sha256:0",
    "proxy_image": "registry.example/nginx:1",
    "namespace": "cases",
    "settings": {"LEITSTAND_LOG_LEVEL": "info"},
    "pods": {"least": 3, "most": 9, "working": 4},
    "database": {"cidr": "10.1.2.3/32", "port": 6432},
    "models": {"vllm": {"cidr": "10.9.9.9/32", "port": 8000}, "database": {"cidr": "10.8.8.8/32", "port": 443}},
}


def rendered(folder: Path) -> dict[str, Manifest]:
    """What Terraform makes of the module with ``PLACES``, each manifest parsed again."""
    shutil.copytree(DEPLOY, folder, dirs_exist_ok=True)
    here = folder / "terraform"
    (here / "terraform.tfvars.json").write_text(json.dumps(PLACES), encoding="utf-8")
    terraform(here, "fmt", "-check", "-recursive")
    terraform(here, "init", "-input=false")
    terraform(here, "validate")
    terraform(here, "apply", "-auto-approve", "-input=false")
    made = json.loads(terraform(here, "output", "-json", "manifests"))
    return {name: read_yaml(text) for name, text in made.items()}


def expected() -> dict[str, Manifest]:
    """The manifests as they are written, with ``PLACES`` put where they belong."""
    found = manifests()
    for name, manifest in found.items():
        manifest["metadata"]["name" if name == "namespace" else "namespace"] = "cases"
    for pod in (found[name]["spec"]["template"] for name in pods()):
        for container in containers(pod):
            container["image"] = PLACES["image" if container["name"] != "proxy" else "proxy_image"]
    found["settings"]["data"] |= PLACES["settings"]
    found["autoscaler"]["spec"] |= {"minReplicas": 3, "maxReplicas": 9}
    found["work"]["spec"]["replicas"] = 4
    found["network-database"]["spec"]["egress"] = [way(PLACES["database"])]
    model = found.pop("network-model")
    for name, place in PLACES["models"].items():
        policy = found[f"network-model-{name}"] = copy.deepcopy(model)
        policy["metadata"]["name"] = f"leitstand-to-model-{name}"
        policy["spec"]["egress"] = [way(place)]
    return found


def way(place: dict[str, Any]) -> dict[str, Any]:
    """The entry of ``egress`` for a place."""
    return {
        "to": [{"ipBlock": {"cidr": place["cidr"]}}],
        "ports": [{"protocol": "TCP", "port": place["port"]}],
    }


def test_the_rendered_manifests_differ_only_where_they_should(tmp_path: Path) -> None:
    """Where Terraform is not installed, the tests above are all that is known; the page on deployment says so."""
    if not shutil.which("terraform"):
        assert set(TEXTS) == {Path(name) for name in ("main.tf", "outputs.tf", "variables.tf", "apply/main.tf")}
        return
    made = rendered(tmp_path)
    proxy = made.pop("proxy")
    assert proxy["data"]["nginx.conf"] == (DEPLOY / "proxy/nginx.conf").read_text(encoding="utf-8")
    assert made == expected()
    for manifest in (*made.values(), proxy):
        kubernetes_validate.validate(manifest, latest_version(), strict=True)
