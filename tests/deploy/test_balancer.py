"""Does the balancer pass TLS through, and go on with one entrance when the other is gone?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.deploy.door import Door
from tests.deploy.servers import balancer, leitstand, proxy

from leitstand.testing.ports import free_port


@pytest.fixture
def pairs(tmp_path: Path, secrets: tuple[Path, str]) -> Iterator[list[int]]:
    """Ports of two proxies, each before a Leitstand of its own."""
    inner = [free_port(), free_port()]
    folders = [tmp_path / name for name in ("one", "two", "proxy-one", "proxy-two")]
    for folder in folders:
        folder.mkdir()
    with (
        leitstand(folders[0], "--port", str(inner[0])),
        leitstand(folders[1], "--port", str(inner[1])),
        proxy(folders[2], secrets[0] / "proxy", inner[0]) as first,
        proxy(folders[3], secrets[0] / "proxy", inner[1]) as second,
    ):
        yield [first, second]


def served(door: Door, times: int) -> set[int]:
    """Statuses of a page asked for over new connections."""
    return {door.ask("GET", "/")[0] for _ in range(times)}


def test_tls_ends_at_the_entrances_and_both_are_used(
    tmp_path: Path, pairs: list[int], secrets: tuple[Path, str]
) -> None:
    made, password = secrets
    with balancer(tmp_path, *pairs) as outer:
        door = Door(port=outer, password=password, certificate=made / "proxy/tls.crt")
        assert served(door, 8) == {200}
        assert door.ask("GET", "/", password="")[0] == 401
        assert door.post_form("/sign-in", {"name": "Ada"})[0] == 303
    for name in ("proxy-one", "proxy-two"):
        assert "GET / 200" in (tmp_path / name / "access.log").read_text(encoding="utf-8")


def test_one_entrance_is_enough(tmp_path: Path, pairs: list[int], secrets: tuple[Path, str]) -> None:
    made, password = secrets
    with balancer(tmp_path, pairs[0], free_port()) as outer:
        door = Door(port=outer, password=password, certificate=made / "proxy/tls.crt")
        assert served(door, 8) == {200}
