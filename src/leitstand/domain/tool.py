"""Which tools may a model ask for, which of its calls may happen, and when has it asked often enough?

A tool that changes something is never called because a model says so: its call is proposed, and a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from leitstand.domain.keys import described
from leitstand.domain.tool_event import (
    ToolCallFinished,
    ToolCallIntended,
    ToolCallProposed,
    ToolCallRefused,
    ToolEvent,
)
from leitstand.domain.zone import ClaimedZone

MOST_AT_ONCE = 20
"""Calls in one answer; a model that asks for more is not read."""

MOST_REFUSALS = 3
"""A model that was refused this often and asks once more for what it may not have gets no further answer."""


class SideEffect(StrEnum):
    """What a call leaves behind."""

    READ = "read"
    WRITE = "write"
    IRREVERSIBLE = "irreversible"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """Something that a model may ask for: a function of ``hooks.py``, or an HTTP endpoint that takes JSON."""

    name: str = field(
        metadata=described("What the model calls it.", pattern=r"^[a-z][a-z0-9_]{0,62}$", examples=["order_status"])
    )
    description: str = field(metadata=described("What it does and when to use it, for the model.", minLength=1))
    effect: SideEffect = field(
        metadata=described(
            "`read` changes nothing and is called at once; `write` and `irreversible` are proposed, and called after a "
            "person accepted."
        )
    )
    function: str = field(
        default="",
        metadata=described(
            "Function in `hooks.py` that is called; its annotations say which arguments fit.",
            pattern=r"^([a-z][a-z0-9_]*)?$",
            examples=["order_status"],
        ),
    )
    url: str = field(
        default="",
        metadata=described(
            "Address that gets a POST with the arguments as JSON.",
            pattern=r"^(https?://.+)?$",
            examples=["https://shop.example.org/order-status"],
        ),
    )
    zone: ClaimedZone = field(
        default="", metadata=described("Where `url` is; required unless its address is on this machine.")
    )
    parameters: str = field(
        default="",
        metadata=described(
            "File in the folder with the JSON Schema of the arguments; a function needs none.",
            examples=["tools/order_status.json"],
        ),
    )
    api_key_env: str = field(
        default="",
        metadata=described(
            "Name of the environment variable that holds the key for `url`.",
            pattern=r"^[A-Z_][A-Z0-9_]*$|^$",
            examples=["SHOP_API_KEY"],
        ),
    )
    timeout_seconds: float = field(
        default=10.0, metadata=described("Longest wait for one call.", exclusiveMinimum=0, maximum=120)
    )
    most_calls: int = field(default=5, metadata=described("Calls in one case.", minimum=1, maximum=100))
    most_chars: int = field(
        default=20_000,
        metadata=described("A longer result, in characters of JSON, is a failure.", minimum=1, maximum=1_000_000),
    )


HELD = "held"
"""The error of an accepted call that was intended and not made, as a stop came first: its intent is noted anew."""


class UseState(StrEnum):
    """Where a call that a model asked for stands."""

    ASKED = "asked"
    UNDER_WAY = "under_way"
    FINISHED = "finished"
    REFUSED = "refused"
    PROPOSED = "proposed"
    APPROVED = "approved"


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolUse:
    """A call that a model asked for; ``tool`` is empty as long as nobody knows that there is such a tool.

    ``error`` says why it failed; ``attempts`` counts how often an accepted call was tried.
    """

    state: UseState = UseState.ASKED
    tool: str = ""
    error: str = ""
    attempts: int = 0


def use_after(event: ToolEvent) -> ToolUse:
    """What a call has become with an event."""
    match event:
        case ToolCallRefused(tool=tool, reason=reason):
            return ToolUse(state=UseState.REFUSED, tool=tool, error=reason)
        case ToolCallProposed(tool=tool):
            return ToolUse(state=UseState.PROPOSED, tool=tool)
        case ToolCallIntended(tool=tool):
            return ToolUse(state=UseState.UNDER_WAY, tool=tool)
        case ToolCallFinished(tool=tool, error=error, attempt=attempt, retry_at=retry_at):
            if error == HELD:
                return ToolUse(state=UseState.APPROVED, tool=tool)
            state = UseState.FINISHED if retry_at is None else UseState.UNDER_WAY
            return ToolUse(state=state, tool=tool, error=error, attempts=attempt)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What happens to a call; ``reason`` is the code of a refusal."""

    action: Literal["call", "propose", "refuse"]
    reason: str = ""


def rule(tool: Tool | None, *, fits: bool, earlier: Sequence[ToolUse]) -> Ruling:
    """What happens to the next call, which ``fits`` the schema of its tool or not, after the ``earlier`` ones."""
    if tool is None:
        return Ruling(action="refuse", reason="unknown_tool")
    if not fits:
        return Ruling(action="refuse", reason="bad_arguments")
    if sum(use.tool == tool.name and use.state is not UseState.REFUSED for use in earlier) >= tool.most_calls:
        return Ruling(action="refuse", reason="most_calls")
    return Ruling(action="call" if tool.effect is SideEffect.READ else "propose")


def gives_up(rounds: int, uses: Sequence[ToolUse], most_rounds: int) -> str:
    """Why nothing more is done for a model that asked in so many answers: a code, ``""`` when it may go on."""
    if rounds > most_rounds:
        return "tool_rounds"
    return "tool_refusals" if sum(use.state is UseState.REFUSED for use in uses) > MOST_REFUSALS else ""


DONE = ("", "malformed", "too_large")
"""Ends of a call after which its effect is there: only its result is of no use to a model."""

NOT_DONE = ("refused", "withheld", "unconnected")
"""Ends after which nothing has happened: the tool said no, the data may not go there, no connection came about.

After every other end (``timeout, unreachable, server_error, broken``, and ``lost`` with its process) nobody knows.
"""

_FINAL = (*DONE, "refused", "withheld")


def may_repeat(tool: Tool, error: str, attempts: int, most_attempts: int) -> bool:
    """Whether an accepted call is made again under its key; what cannot be taken back never is."""
    return error not in _FINAL and tool.effect is not SideEffect.IRREVERSIBLE and attempts < most_attempts


def call_id(number: int) -> str:
    """The id under which every model service knows the call: nine letters and digits, as the strictest of them asks."""
    return f"call{number:05d}"


def call_key(case_id: str, number: int) -> str:
    """The idempotency key of a case's call, the same however often it is tried."""
    return f"{case_id}-tool-{number}"
