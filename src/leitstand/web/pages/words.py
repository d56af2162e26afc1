"""How are the codes of cases, checks and events called by people?"""

from collections.abc import Mapping

from leitstand.domain.errors import translatable
from leitstand.domain.stop import Scope, Stop
from leitstand.web.speech import Speech

STATUSES = {
    "open": translatable("in progress"),
    "review": translatable("waits for review"),
    "escalated": translatable("escalated"),
    "delivering": translatable("being delivered"),
    "delivered": translatable("delivered"),
    "rejected": translatable("rejected"),
    "failed": translatable("failed"),
    "stopped": translatable("stopped"),
}

STATUS_GLYPHS = {
    "open": "◔",
    "review": "●",
    "escalated": "▲",
    "delivering": "◑",
    "delivered": "✓",
    "rejected": "✕",
    "failed": "✕",
    "stopped": "■",
}

VERDICTS = {
    "passed": translatable("passed"),
    "flagged": translatable("flagged"),
    "blocked": translatable("blocked"),
    "error": translatable("broke"),
    "not_run": translatable("did not run"),
}

VERDICT_GLYPHS = {"passed": "✓", "flagged": "!", "blocked": "✕", "error": "✕", "not_run": "–"}

GUARDS = {
    "output_schema": translatable("Output form"),
    "citations": translatable("Citations"),
    "facts": translatable("Facts in the sources"),
    "injection": translatable("Hidden instructions"),
}

REASONS = {
    "always": translatable("every draft is reviewed"),
    "sample": translatable("drawn as a sample"),
    "tool_call": translatable("a tool call would change something"),
    "tool_loop": translatable("the model asked on and on for tools"),
    "no_draft": translatable("no model gave a usable draft"),
    "budget": translatable("the budget does not allow a draft"),
    "stopped": translatable("models were stopped"),
    "quarantined": translatable("ended its process again and again"),
    "output_schema:flagged": translatable("the output does not have its form"),
    "output_schema:blocked": translatable("the output does not have its form"),
    "citations:flagged": translatable("not backed by the sources"),
    "citations:blocked": translatable("a citation does not hold"),
    "facts:flagged": translatable("a number, date or name is not in the sources"),
    "facts:blocked": translatable("a number, date or name is not in the sources"),
    "injection:flagged": translatable("the input or a source may contain instructions"),
    "injection:blocked": translatable("the input or a source contains instructions"),
}

REJECT_REASONS = {
    "wrong": translatable("Wrong"),
    "incomplete": translatable("Incomplete"),
    "not_supported": translatable("Not supported by the sources"),
    "tone": translatable("Wrong tone"),
    "other": translatable("Another reason"),
}

VERBS = {
    "accept": translatable("accepted as is"),
    "edit": translatable("edited and accepted"),
    "reject": translatable("rejected"),
}

CALL_ERRORS = {
    "timeout": translatable("no answer in time"),
    "unreachable": translatable("not reachable"),
    "refused": translatable("refused"),
    "filtered": translatable("held back by the model or its filter"),
    "overloaded": translatable("overloaded"),
    "server_error": translatable("server error"),
    "malformed": translatable("unusable answer"),
    "empty": translatable("empty answer"),
    "truncated": translatable("answer cut off"),
    "denied": translatable("key not accepted"),
    "quota": translatable("account used up"),
    "gone": translatable("model not there"),
    "context": translatable("too long for the model"),
    "cancelled": translatable("another answer was quicker"),
}

DELIVERY_ERRORS = {
    "timeout": translatable("no answer in time"),
    "unreachable": translatable("not reachable"),
    "withheld": translatable("the data may not go there"),
    "refused": translatable("refused"),
    "server_error": translatable("server error"),
    "unwritable": translatable("the folder cannot be written"),
}

WITHHELD = {
    "stop": translatable("models were stopped"),
    "zone": translatable("the data may not go there"),
    "breaker": translatable("it fails, or is slow, too often at the moment"),
    "rate": translatable("as much was asked as it may be asked now"),
    "budget": translatable("the budget does not allow it"),
    "price": translatable("nobody knows what it costs"),
    "dear": translatable("money gets short and there is a cheaper one"),
}

DATA_CLASSES = {
    "public": translatable("public data"),
    "internal": translatable("internal data"),
    "secret": translatable("secret data"),
    "personal": translatable("personal data"),
    "special": translatable("special categories of personal data"),
}


def word(table: dict[str, str], code: str, say: Speech) -> str:
    """The word for a code; one that the table does not know is shown with its underscores as spaces."""
    return say(table[code]) if code in table else code.replace("_", " ")


def guard_name(guard: str, say: Speech) -> str:
    """The name of a guardrail."""
    return word(GUARDS, guard, say)


def reason(code: str, say: Speech) -> str:
    """Why a case waits, in words."""
    if code in REASONS:
        return say(REASONS[code])
    guard, _, verdict = code.partition(":")
    if not verdict:
        return word({}, code, say)
    return say(translatable("{check}: {verdict}"), check=guard_name(guard, say), verdict=word(VERDICTS, verdict, say))


def text_in(texts: object, language: str) -> str:
    """The text of a workflow in this language, else in any language it has."""
    found = dict(texts)  # type: ignore[call-overload]
    return str(found.get(language) or next(iter(found.values()), ""))


WHATS = {
    Scope.CASE: translatable("the case {subject}"),
    Scope.WORKFLOW: translatable("the workflow {subject}"),
    Scope.TENANT: translatable("everything of the tenant {subject}"),
    Scope.ALL: translatable("everything"),
}
"""What a stop holds."""


def what_of(found: Stop, say: Speech, titles: Mapping[str, str]) -> str:
    """What a stop holds, in words; ``titles`` are those of workflows by name."""
    subject = found.tenant_id if found.scope is Scope.TENANT else titles.get(found.subject, found.subject)
    return say(WHATS[found.scope], subject=subject)
