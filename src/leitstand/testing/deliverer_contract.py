"""Does a ``Deliverer`` bring an output out once per key? Inherit this and supply two fixtures.

class TestMine(DelivererContract):
    @pytest.fixture
    def deliverer(self):
        return MyDeliverer(...)

    @pytest.fixture
    def taken(self):
        return lambda: {...}  # what the receiver holds now: key to body
"""

import asyncio
from collections.abc import Callable, Mapping

from leitstand.ports import Deliverer

Taken = Callable[[], Mapping[str, bytes]]

KEYS = ("0192-1", "../../etc/passwd", "a/b", "a%2Fb", "über 😀", ".", "..", "", "-", "CON", "x" * 400, "x" * 399 + "y")


class DelivererContract:
    """What holds for every deliverer whose receiver is well."""

    keys = KEYS
    """Keys that must arrive apart from each other; narrow it where the way out cannot carry them all."""

    async def test_the_bytes_arrive_under_the_key(self, deliverer: Deliverer, taken: Taken) -> None:
        assert await deliverer.deliver(key="case-1", body=b'{"output": "\xc3\xbc"}')
        assert dict(taken()) == {"case-1": b'{"output": "\xc3\xbc"}'}

    async def test_repeating_changes_nothing(self, deliverer: Deliverer, taken: Taken) -> None:
        for _ in range(3):
            await deliverer.deliver(key="case-1", body=b"{}")
        assert dict(taken()) == {"case-1": b"{}"}

    async def test_different_keys_never_meet(self, deliverer: Deliverer, taken: Taken) -> None:
        bodies = {key: b'{"n": %d}' % number for number, key in enumerate(self.keys)}
        await asyncio.gather(*(deliverer.deliver(key=key, body=body) for key, body in bodies.items()))
        assert sorted(taken().values()) == sorted(bodies.values())

    async def test_the_same_key_at_once_arrives_whole(self, deliverer: Deliverer, taken: Taken) -> None:
        body = b'{"text": "' + b"x" * 200_000 + b'"}'
        await asyncio.gather(*(deliverer.deliver(key="case-1", body=body) for _ in range(8)))
        assert dict(taken()) == {"case-1": body}
