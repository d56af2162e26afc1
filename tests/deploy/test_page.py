"""Do the commands of the page on deployment that act on other machines name what lies in deploy/?"""

import re
import shlex

import pytest
from tests.deploy.reading import DEPLOY, ROOT, manifests, own, pods
from tests.deploy.test_kubernetes import SECRETS
from tests.docs.pages import blocks
from tests.docs.shell import commands

PAGE = (ROOT / "docs/how-to/deploy.md").read_text(encoding="utf-8")
COMMANDS = [each.text for block in blocks(PAGE) if block.language == "console" for each in commands(block.code)]
NAMED = {(each["kind"].lower(), each["metadata"]["name"]) for each in manifests().values()}


def begun(*words: str) -> list[list[str]]:
    """The words of the commands that begin so."""
    split = [shlex.split(text) for text in COMMANDS]
    return [each for each in split if each[: len(words)] == list(words)]


@pytest.mark.parametrize("arguments", begun("kubectl"), ids=" ".join)
def test_a_command_for_a_cluster_names_what_the_manifests_make(arguments: list[str]) -> None:
    text = " ".join(arguments)
    for kind, name in re.findall(r"\b(deployment|job)/(\S+)", text):
        assert (kind, name) in NAMED
    if "delete" in arguments:
        assert (arguments[4], arguments[5]) in NAMED
    if "apply" in arguments:
        assert (ROOT / arguments[-1] / "kustomization.yaml").is_file()
    if "exec" in arguments:
        assert own(pods()["serve"])["name"] == arguments[arguments.index("-c") + 1]
    assert "-n leitstand" in text or {"namespace", "apply"} & set(arguments)


def test_all_secrets_are_made_and_with_the_keys_that_are_read() -> None:
    made = {}
    for arguments in begun("kubectl", "-n", "leitstand", "create", "secret"):
        kind, name, *options = arguments[5:]
        keys = {"tls.crt", "tls.key"} if kind == "tls" else {each.partition("=")[2] for each in options}
        made[name] = keys
    assert made == SECRETS


def test_files_that_are_named_are_there() -> None:
    named = {word for text in COMMANDS for word in re.findall(r"\bdeploy/[\w./-]+", text)}
    links = set(re.findall(r"\]\(\.\./\.\./(deploy/[^)]+)\)", PAGE))
    in_prose = {f"deploy/{name}" for name in re.findall(r"`((?:kubernetes|proxy|systemd|compose)/[\w./-]+)`", PAGE)}
    assert {"deploy/Dockerfile", "deploy/systemd/leitstand.service"} <= named
    missing = [name for name in named | links | in_prose if not (ROOT / name).exists() and "secrets/" not in name]
    assert not missing
    assert (DEPLOY / "kubernetes/network-model.yaml").is_file()


def test_the_page_says_what_was_not_tried() -> None:
    table = PAGE.partition("## What was tried")[2]
    folders = {path.name for path in DEPLOY.iterdir() if path.is_dir()} | {"Dockerfile"}
    rows = re.findall(r"^\| `([\w/.-]+)` \| (.+) \| (.+) \|$", table, re.MULTILINE)
    assert {name.split("/")[0] for name, _, _ in rows} == folders
    assert all(tried and untried for _, tried, untried in rows)
