"""What does an answer look like in OpenAI's form, whole and in pieces?"""

from collections.abc import Iterable

import msgspec

from leitstand.domain.case import Case
from leitstand.web.api.openai.errors import OpenaiFailure
from leitstand.web.api.openai.settled import Told, Usage, usage_of

DONE = b"data: [DONE]\n\n"
CONTINUED = b',"logprobs":null,"finish_reason":null}]}\n\n'
"""How every event ends but the last."""

LONGEST_PIECE = 400
"""Characters of one piece when a text that was held until it was checked leaves in pieces."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What the model says; ``refusal`` stands in place of a content that was held back."""

    content: str | None
    refusal: str | None
    role: str = "assistant"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The one answer that there is."""

    message: Message
    finish_reason: str
    index: int = 0
    logprobs: None = None


class Completion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A whole answer; ``system_fingerprint`` begins the digest of the release, ``usage`` is left out when unknown."""

    id: str
    object: str
    created: int
    model: str
    system_fingerprint: str
    choices: tuple[Choice, ...]
    usage: Usage | None = None


_ENCODER = msgspec.json.Encoder()


def completion_id(case_id: str) -> str:
    """The id of the completion that a case gave."""
    return f"chatcmpl-{case_id}"


def completion(case: Case, answer: Told) -> Completion:
    """The whole answer."""
    message = Message(content=answer.content, refusal=answer.refusal)
    return Completion(
        id=completion_id(case.case_id),
        object="chat.completion",
        created=case.accepted_at // 1_000_000,
        model=case.workflow,
        system_fingerprint=fingerprint(case),
        choices=(Choice(message=message, finish_reason=answer.finish_reason),),
        usage=usage_of(answer),
    )


def fingerprint(case: Case) -> str:
    """What OpenAI's clients compare to see that the backend changed: the release."""
    return f"fp_{case.release_digest[:12]}"


class Pieces:
    """Server-sent events of one completion: what all of them begin and end with is encoded once."""

    def __init__(self, case: Case, *, tells_usage: bool) -> None:
        head = {
            "id": completion_id(case.case_id),
            "object": "chat.completion.chunk",
            "created": case.accepted_at // 1_000_000,
            "model": case.workflow,
            "system_fingerprint": fingerprint(case),
        }
        usage = b',"usage":null' if tells_usage else b""
        self._head = b"data: " + _ENCODER.encode(head)[:-1]
        self._text = self._head + usage + b',"choices":[{"index":0,"delta":{"content":'
        self._other = self._head + usage + b',"choices":[{"index":0,"delta":'
        self._tells_usage = tells_usage

    def begin(self) -> bytes:
        """Who speaks."""
        return self._other + b'{"role":"assistant","content":"","refusal":null}' + CONTINUED

    def say(self, texts: Iterable[str]) -> bytes:
        """Pieces of the text, one event each, to be sent together."""
        return b"".join(b"%b%b}%b" % (self._text, _ENCODER.encode(text), CONTINUED) for text in texts)

    def whole(self, answer: Told) -> bytes:
        """A text that was held until now, or why it stays so."""
        if answer.content is None:
            refusal = _ENCODER.encode({"refusal": answer.refusal})
            return self._other + refusal + CONTINUED
        text = answer.content
        return self.say(text[start : start + LONGEST_PIECE] for start in range(0, len(text), LONGEST_PIECE))

    def end(self, answer: Told) -> bytes:
        """Why it ends, what it took if that is wanted and known, and that it is over."""
        reason = answer.finish_reason.encode()
        last = b'%b{},"logprobs":null,"finish_reason":"%b"}]}\n\n' % (self._other, reason)
        usage = usage_of(answer) if self._tells_usage else None
        told = b'%b,"choices":[],"usage":%b}\n\n' % (self._head, _ENCODER.encode(usage)) if usage else b""
        return last + told + DONE


def broken(failure: OpenaiFailure) -> bytes:
    """An error in the middle of a stream, as OpenAI's clients raise it."""
    return b"data: %b\n\n" % _ENCODER.encode(failure)
