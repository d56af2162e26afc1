"""Which tools does a drilled model ask for, and what do they see? One that reads and one that writes, with a ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from leitstand.domain.tool import SideEffect, Tool
from leitstand.drill.planned import Planned
from leitstand.drill.services import counted
from leitstand.encoding import canonical
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.faults import Behaviour
from leitstand.testing.wire import Received

TIMEOUT_SECONDS = 0.5
MOST_CALLS = 3
TOOL_ROUNDS = 5
"""Ends of a loop, near enough to be reached."""

PARAMETERS = "tools/drill.json"
"""The file of the release with the schema of both tools' arguments."""

ARGUMENTS = canonical(
    {
        "type": "object",
        "properties": {"number": {"type": "string", "pattern": "^[0-9]{6}$"}},
        "required": ["number"],
        "additionalProperties": False,
    }
)

TOOL_FAULTS = {
    "status": "Does what it is asked, then answers with `status` (500).",
    "stall": "Does what it is asked, then says nothing.",
    "says": "Answers with `text` as its result.",
}
"""Name to what it does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolRequest:
    """A call as the tool saw it; ``applied`` is False where the key was there before."""

    tool: str
    key: str
    applied: bool


class ToolService:
    """`lookup`, which reads, and `order`, which writes, behind a real socket; both honour idempotency keys."""

    def __init__(self, planned: Sequence[Planned]) -> None:
        self._planned = [fault for fault in planned if fault.spec.at == "tool"]
        self._keys: set[str] = set()
        self.needed = bool(self._planned) or any(fault.spec.fault == "asks_tool" for fault in planned)
        self.ledger: list[ToolRequest] = []
        self.server = FaultServer(choose=self._choose)

    @property
    def offered(self) -> tuple[Tool, ...]:
        """The tools as a workflow names them."""
        return (
            self._tool("lookup", "Looks up an order by its number.", SideEffect.READ),
            self._tool("order", "Orders once more what a number stands for.", SideEffect.WRITE),
        )

    def _tool(self, name: str, description: str, effect: SideEffect) -> Tool:
        return Tool(
            name=name,
            description=description,
            effect=effect,
            url=f"{self.server.url}/{name}",
            parameters=PARAMETERS,
            timeout_seconds=TIMEOUT_SECONDS,
            most_calls=MOST_CALLS,
        )

    def _choose(self, request: Received) -> Behaviour:
        key = request.headers.get("idempotency-key", "")
        self.ledger.append(ToolRequest(tool=request.path.strip("/"), key=key, applied=key not in self._keys))
        self._keys.add(key)
        fault = next((fault for fault in self._planned if fault.strikes(request.path)), None)
        if fault is None:
            return faults.reply(200, b'{"status": "on its way"}')
        match fault.spec.fault:
            case "status":
                return counted(fault, faults.error(int(fault.number("status", 500))), at_once=False)
            case "stall":
                return counted(fault, faults.never(), at_once=True)
            case _:
                result = canonical({"status": str(fault.spec.options.get("text", ""))})
                return counted(fault, faults.reply(200, result), at_once=False)
