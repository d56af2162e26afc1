"""What is said to a model, and what comes back?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from leitstand.domain.price import Price as Price  # others still ask for it here
from leitstand.domain.price import Usage as Usage
from leitstand.domain.retrieval import Passage

ROLES = ("system", "developer", "user", "assistant")
"""Who may speak in a conversation; ``developer`` is what newer models call ``system``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message of a conversation; ``role`` is one of ``ROLES``."""

    role: str
    content: str


def conversation(given: object) -> tuple[Message, ...]:
    """The messages in a list of ``{"role": ..., "content": ...}``; raises like ``spoken``."""
    return tuple([Message(role=role, content=content) for role, content in spoken(given)])


def spoken(given: object) -> list[tuple[str, str]]:
    """Role and text of each message of a conversation, whose content is a text or a list of text parts.

    Raises ``ConversationUnreadable`` with the place of what is something else.
    """
    if not isinstance(given, list) or not given:
        raise ConversationUnreadable("", "is not a list with at least one message")
    return [_said(item, place) for place, item in enumerate(given)]


class ConversationUnreadable(ValueError):
    """Something in a conversation is no message; ``pointer`` is the JSON pointer to it inside the list."""

    def __init__(self, pointer: str, detail: str) -> None:
        self.pointer = pointer
        self.detail = detail
        super().__init__(f"{pointer} {detail}".strip())


def last_question(messages: Sequence[Message]) -> str:
    """What the user said last; empty when the user said nothing."""
    return next((message.content for message in reversed(messages) if message.role == "user"), "")


def _said(item: object, place: int) -> tuple[str, str]:
    if not isinstance(item, dict):
        raise ConversationUnreadable(f"/{place}", "is not an object")
    for key in item:
        if key not in ("role", "content"):
            raise ConversationUnreadable(f"/{place}/{key}", "is not read here: a message has role and content")
    role, content = item.get("role"), item.get("content")
    if role not in ROLES:
        raise ConversationUnreadable(f"/{place}/role", f"is not one of {', '.join(ROLES)}")
    return role, content if isinstance(content, str) else _joined(content, f"/{place}/content")


def _joined(given: object, pointer: str) -> str:
    """Parts are parts of one text: they are joined by a line break."""
    if not isinstance(given, list) or not given:
        raise ConversationUnreadable(pointer, "is neither a text nor a list of text parts")
    for place, part in enumerate(given):
        text = isinstance(part, dict) and part.keys() == {"type", "text"} and part["type"] == "text"
        if not (text and isinstance(part["text"], str)):
            raise ConversationUnreadable(f"{pointer}/{place}", "is not a part of the type text")
    return "\n".join(part["text"] for part in given)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grounding:
    """The question and the numbered passages behind a request, for providers that quote instead of writing.

    ``passages[0]`` is cited as ``[1]``.
    """

    question: str
    language: str
    passages: tuple[Passage, ...]


CALL_OPTIONS = (
    "frequency_penalty",
    "max_completion_tokens",
    "max_tokens",
    "presence_penalty",
    "reasoning_effort",
    "response_format",
    "seed",
    "stop",
    "temperature",
    "top_p",
)
"""What a caller may ask of a model beside the messages, by the names of OpenAI's chat completions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolOffer:
    """A tool as the model is told of it; ``parameters`` is the JSON Schema of the object that a call brings."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCall:
    """A call that a model asks for.

    ``arguments`` is the JSON text that the model wrote, unjudged and perhaps broken. ``id`` is ours, the same whichever
    service is asked; nine letters and digits, because some services take no other. In an ``Answer`` it is empty.
    """

    name: str
    arguments: str
    id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolRound:
    """An answer that asked for tools, and what the model is told: ``results[n]`` answers ``calls[n]``.

    ``text`` is what the model said beside its calls, mostly nothing. ``thought`` is what the target with the number
    ``target`` wants back beside the results; no other target can read it.
    """

    text: str
    calls: tuple[ToolCall, ...]
    results: tuple[str, ...]
    target: int = 0
    thought: str = ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call of a model.

    ``schema`` is the JSON Schema of the wanted output, None for free text; ``timeout`` is in seconds; ``key`` is the
    idempotency key of the attempt; ``options`` are the caller's own of ``CALL_OPTIONS``, which come before those of
    the target. ``tools`` are what the model may ask for; ``rounds`` follow the messages, the oldest first.
    """

    model: str
    messages: tuple[Message, ...]
    schema: Mapping[str, object] | None
    grounding: Grounding
    timeout: float
    key: str
    options: Mapping[str, object] = field(default_factory=dict)
    tools: tuple[ToolOffer, ...] = ()
    rounds: tuple[ToolRound, ...] = ()

    @cached_property
    def most_input_tokens(self) -> int:
        """No tokenizer makes more tokens of a text than it has bytes; a service puts a few around each message."""
        said = (*(message.content for message in self.messages), self.schema or "", *self.tools, *self.rounds)
        return sum(len(str(text).encode()) + 16 for text in said)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a model answered: its text, usage, the model that answered, why it stopped (``stop``, ``length`` ...).

    With ``tool_calls`` it is no answer yet: the model wants their results first, and its text may be empty. ``thought``
    is then what the service wants back with them, in its own words.
    """

    text: str
    usage: Usage
    model: str
    finish_reason: str
    tool_calls: tuple[ToolCall, ...] = ()
    thought: str = ""


ASSUMED_OUTPUT = 4_096
"""Output tokens of a call that sets no limit to them."""

TOKEN_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
"""Names that services have for the limit of output tokens."""


def most_tokens(request: Request, options: Mapping[str, object]) -> tuple[int, int]:
    """Input and output tokens that a call takes at most; ``options`` are those of the target."""
    limits = [where.get(name) for where in (request.options, options) for name in TOKEN_LIMITS]
    return request.most_input_tokens, next((limit for limit in limits if isinstance(limit, int)), ASSUMED_OUTPUT)
