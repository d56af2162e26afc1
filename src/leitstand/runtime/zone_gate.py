"""May a model call's data go where the call goes? Asked before its body is made; the door asks again at the socket."""

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer
from leitstand.domain.route import target_route
from leitstand.domain.zone import ZonePolicy
from leitstand.runtime.gates import Call


class ZoneGate:
    """A ``Gate`` that withholds a call whose data class may not go to the zone of its target."""

    name = "zone"

    def __init__(self, policy: ZonePolicy) -> None:
        self._policy = policy

    async def enter(self, call: Call) -> str | None:
        """``zone`` when the data may not go there."""
        way = call.route or target_route("", call.target, self._policy)
        return "zone" if way.refuses(call.data_class) else None

    async def leave(self, call: Call, result: Answer | ProviderFailed, duration: int) -> None:
        """Nothing was kept."""
