"""What do the files under deploy/ say? Read strictly: a key that comes twice is an error, as is a second document."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"

Manifest = dict[str, Any]


class _Strict(yaml.SafeLoader):
    """Refuses a mapping in which a key comes twice; YAML itself would keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value if key.value != "<<"]
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise yaml.constructor.ConstructorError(None, None, f"twice: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(text: str) -> Manifest:
    """The one document of a text."""
    [document] = yaml.load_all(text, _Strict)
    assert isinstance(document, dict)
    return document


def manifests() -> dict[str, Manifest]:
    """The Kubernetes manifests by the name of their file."""
    return {
        path.stem: read_yaml(path.read_text(encoding="utf-8")) for path in sorted((DEPLOY / "kubernetes").iterdir())
    }


def pods() -> dict[str, Manifest]:
    """The pod templates by the name of their file."""
    return {name: each["spec"]["template"] for name, each in manifests().items() if "template" in each.get("spec", {})}


def containers(pod: Manifest) -> list[Manifest]:
    """All containers of a pod template, those that run beside included."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def own(pod: Manifest) -> Manifest:
    """The container of a pod template in which Leitstand runs."""
    [found] = [each for each in containers(pod) if each["image"].startswith("leitstand:")]
    return found


def places(value: object, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every mapping and list inside a value with its place, from the outside in."""
    yield path, value
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, f"{path}/{key}")
