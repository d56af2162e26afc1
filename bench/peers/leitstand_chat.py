"""Leitstand's OpenAI-compatible address: a chat completion passed through as a durable case with its audit log."""

import subprocess
from pathlib import Path

from bench.peers import Peer, Place, chat
from bench.peers.leitstand_case import command
from bench.processes import NotRun

SCAFFOLDED = "http://127.0.0.1:8080/v1"
"""The address of the model in the template."""


def chat_workflow(place: Place) -> Path:
    """What ``leitstand init --template passthrough`` writes, with the upstream of this place; named as its folder."""
    folder = place.folder / "chat"
    program = str(place.environment / "bin" / "leitstand")
    wanted = [program, "init", str(folder), "--template", "passthrough", "--lang", "en"]
    if subprocess.run(wanted, capture_output=True, check=False).returncode:
        raise NotRun("this Leitstand has no template passthrough")
    definition = (folder / "workflow.toml").read_text("utf-8")
    (folder / "workflow.toml").write_text(definition.replace(SCAFFOLDED, place.upstream), "utf-8")
    return folder


PEER = Peer(
    title="Leitstand, chat",
    command=command(chat_workflow),
    request=lambda _place: chat("/v1/chat/completions", model="chat"),
    streamed=lambda _place: chat("/v1/chat/completions", model="chat", stream=True),
)
