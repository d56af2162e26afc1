"""Leitstand with a whole case: every step, four checks, the audit log, durable with fsync."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from bench.peers import QUESTION, Peer, Place, filler
from bench.request import Request

WORKFLOWS = Path(__file__).parents[1] / "workflows"
BODY = json.dumps({"input": {"question": QUESTION, "number": 1}}).encode()
DELIVERED = b'"status":"delivered"'


def opening(wait: int = 30) -> Request:
    """A case is opened, and waited for; without waiting its acknowledgement is the answer."""
    return Request(
        path=f"/v1/workflows/bench/cases?wait={wait}", body=BODY, must=DELIVERED if wait else b'"status":"open"'
    )


def case_workflow(place: Place, embedder: str = "none") -> Path:
    """The workflow of the whole case against the upstream of this place, with its passages."""
    copy = place.folder / "workflow"
    shutil.copytree(WORKFLOWS / "case", copy, dirs_exist_ok=True)
    definition = (copy / "workflow.toml").read_text("utf-8")
    definition = definition.replace("http://127.0.0.1:1/v1", place.upstream)
    (copy / "workflow.toml").write_text(definition.replace('embedder = "none"', f'embedder = "{embedder}"'), "utf-8")
    if embedder == "none":
        sections = (f"# Section {number}\n\n{text}\n" for number, text in enumerate(filler()))
        (copy / "knowledge" / "filler.md").write_text("\n".join(sections), "utf-8")
    return copy


def serving(place: Place, *folders: Path) -> list[str]:
    """The command of a server whose database is in the place's folder."""
    program = str(place.environment / "bin" / "leitstand")
    where = ["--data", str(place.folder / "data"), "--port", str(place.port)]
    return [program, "serve", *map(str, folders), *where]


def command(workflow: Callable[[Place], Path]) -> Callable[[Place], list[str]]:
    """Serve the workflow that is made for the place."""
    return lambda place: serving(place, workflow(place))


PEER = Peer(title="Leitstand, whole case", command=command(case_workflow), request=lambda _place: opening())
