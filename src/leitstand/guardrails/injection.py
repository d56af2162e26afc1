"""Do the input or the passages carry instructions for the model?

Rules only, with their reasons; a first line of defence that a person can read. It leans to few false alarms.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from leitstand.domain.errors import translatable
from leitstand.domain.guardrail import Finding, Judgement, Subject, Verdict
from leitstand.guardrails.injection_rules import hits, suspicious, together
from leitstand.guardrails.injection_views import views
from leitstand.guardrails.options import read_options

NAME = "injection"
_CLIP = 80
_MESSAGES = {
    "override": translatable("The text tells the model to drop its instructions: “{text}”."),
    "persona": translatable("The text gives the model another role or frees it from its rules: “{text}”."),
    "leak": translatable("The text asks for the model's instructions or for secrets: “{text}”."),
    "addressed": translatable("The text speaks to the machine that reads it: “{text}”."),
    "markup": translatable("The text imitates the marks of a conversation with a model: “{text}”."),
}
_HIDDEN = {
    "digits": translatable("Written with digits for letters, the text says: “{text}”."),
    "spaced": translatable("Written in single letters, the text says: “{text}”."),
    "base64": translatable("Encoded in Base64, the text says: “{text}”."),
    "rot13": translatable("Encoded in ROT13, the text says: “{text}”."),
    "reversed": translatable("Written backwards, the text says: “{text}”."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class InjectionOptions:
    """Which texts are searched."""

    input: bool = True
    passages: bool = True


@dataclass(frozen=True, slots=True)
class Attack:
    """A suspicious stretch of a text, and what it says once its disguise (``""`` for none) is taken off."""

    reason: str
    start: int
    end: int
    disguise: str
    says: str


class Injection:
    """Blocks cases whose input or passages speak to the model behind the workflow."""

    name = NAME

    def __init__(self, **options: object) -> None:
        self._options = read_options(NAME, InjectionOptions, options)
        together()  # compiled now: the first case would wait for it, and with it everything else on the event loop

    def judge(self, subject: Subject) -> Judgement:
        """Passed or blocked, with findings at characters of ``input`` or ``passage:<id>``.

        What is found in a title points at the passage as a whole.
        """
        findings = tuple(self._findings(subject))
        return Judgement(guard=NAME, verdict=Verdict.BLOCKED if findings else Verdict.PASSED, findings=findings)

    def _findings(self, subject: Subject) -> Iterator[Finding]:
        if self._options.input:
            for attack in attacks(str(subject.input_text)):
                yield _finding(attack, "input")
        for passage in subject.grounding.passages if self._options.passages else ():
            for attack in attacks_in_source(passage.text):
                yield _finding(attack, f"passage:{passage.id}")
            for attack in attacks_in_source(passage.title):
                yield _finding(attack, f"passage:{passage.id}", whole=True)


def attacks(text: str) -> tuple[Attack, ...]:
    """Every suspicious stretch in the order of the text: the longest of each reason, not repeated in disguise."""
    seen = tuple(views(text))
    found: dict[tuple[str, int, int], Attack] = {}
    for view in seen if suspicious([view.text for view in seen]) else ():
        for hit in sorted(hits(view.text), key=lambda hit: hit.start - hit.end):
            start, end = view.original(hit.start, hit.end)
            known = any(reason == hit.reason and first < end and start < last for reason, first, last in found)
            if not known:
                says = " ".join(view.text[hit.start : hit.end].split())[:_CLIP]
                found[hit.reason, start, end] = Attack(hit.reason, start, end, view.disguise, says)
    return tuple(sorted(found.values(), key=lambda attack: (attack.start, attack.end, attack.reason)))


@lru_cache(maxsize=4096)
def attacks_in_source(text: str) -> tuple[Attack, ...]:
    """``attacks``, remembered: the same passages are searched for case after case."""
    return attacks(text)


def _finding(attack: Attack, where: str, *, whole: bool = False) -> Finding:
    message = _HIDDEN.get(attack.disguise, _MESSAGES[attack.reason])
    start, end = (0, 0) if whole else (attack.start, attack.end)
    return Finding(
        code=attack.reason, where=where, start=start, end=end, message=message, values=(("text", attack.says),)
    )
