"""What a person may decide about a waiting case."""

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What a reviewer may do with a draft."""

    ACCEPT = "accept"
    EDIT = "edit"
    REJECT = "reject"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A named local user behind a pseudonymous actor id."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewDecision:
    """A person's decision on one draft.

    ``draft_commitment`` names the draft that was on the screen; ``output`` is the edited output (only with
    ``edit``); ``reason`` is one of the workflow's reasons, required with ``reject``; ``note`` is free text;
    ``seconds_shown`` how long the case was on the screen; ``tool_calls`` the numbers of the proposed tool calls that
    were shown and are accepted with the draft.
    """

    verb: Verb
    draft_commitment: str
    output: dict[str, object] | None = None
    reason: str = ""
    note: str = ""
    seconds_shown: int | None = None
    tool_calls: tuple[int, ...] = ()
