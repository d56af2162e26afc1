"""A disk that fills up under a server: what was acknowledged stays, what cannot be stored is refused clearly."""

import json
import resource
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.web.processes import Server, get, server

DESK = Path(__file__).with_name("desk")
ROOM = 4_000_000
"""Bytes that a file may have: the log of the database reaches it within some hundred cases."""


def limit_files(running: Server, most: int) -> None:
    """Files of the server cannot grow above ``most`` bytes; the kernel refuses the write, as on a full disk."""
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def open_case(running: Server, number: int) -> str:
    body = json.dumps({"input": {"question": f"{number} " + "x" * 2_000}}).encode()
    request = Request(f"{running.url}/v1/workflows/desk/cases", data=body, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as reply:
        return json.load(reply)["id"]


def fill(running: Server) -> tuple[set[str], HTTPError]:
    """Open cases until one is refused: the acknowledged ones and the refusal."""
    acknowledged: set[str] = set()
    for number in range(5_000):
        try:
            acknowledged.add(open_case(running, number))
        except HTTPError as refused:
            return acknowledged, refused
    raise AssertionError("the disk did not fill up")


def test_a_full_disk_is_said_and_nothing_acknowledged_is_lost(tmp_path: Path):
    with server(DESK, tmp_path / "data") as running:
        limit_files(running, ROOM)
        acknowledged, refused = fill(running)
        problem = json.load(refused)
        assert refused.code == 503
        assert problem["code"] == "store_unusable"
        assert problem["repair"]
        assert int(refused.headers["Retry-After"]) > 0
        assert len(acknowledged) > 20
        assert get(f"{running.url}/health/live")["status"] == "alive"
        assert running.cases() == acknowledged

        limit_files(running, resource.RLIM_INFINITY)
        acknowledged.add(open_case(running, 5_001))
        for case_id in acknowledged:
            assert get(f"{running.url}/v1/cases/{case_id}?wait=20")["status"] == "delivered"
    with server(DESK, tmp_path / "data") as again:
        assert again.cases() == acknowledged
