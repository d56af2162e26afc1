"""Is every statement cited, does the cited passage exist, and does it support the statement?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import re2

from leitstand.domain.errors import translatable
from leitstand.domain.guardrail import Finding, Judgement, Subject, Verdict
from leitstand.domain.retrieval import Passage
from leitstand.guardrails.options import read_options
from leitstand.guardrails.statements import (
    Cited,
    Statement,
    is_foreign,
    needs_citation,
    reading_in,
    reading_of,
    statements_of,
    text_of,
)  # fmt: skip
from leitstand.language.reading import Reading
from leitstand.language.support import Support, coverage_of, support_of

NAME = "citations"
_IDLE = 0.34
_MOST_STATEMENTS = 200
_MESSAGES = {
    "not_answered": translatable("The draft says that the sources do not answer the question."),
    "nothing_cited": translatable("There is no text with citations in the draft."),
    "too_long": translatable("The draft has more sentences than can be checked: {count}."),
    "citation_missing": translatable("This sentence cites no passage."),
    "citation_nonexistent": translatable("There is no passage [{number}]; the last one is [{last}]."),
    "citation_swapped": translatable("Passage [{number}] does not support this sentence, passage [{better}] does."),
    "citation_unsupported": translatable(
        "Passage {numbers} does not support this sentence: {coverage} % of its words and {pairs} % of its word pairs "
        "stand there."
    ),
    "citation_idle": translatable("Passage [{number}] has nothing to do with this sentence."),
    "citation_foreign": translatable("Passage {numbers} is in another language; only a person can compare them."),
    "citation_not_used": translatable("Passage [{number}] is listed as cited, but the text does not cite it."),
    "number_not_cited": translatable("The cited passage does not have the number {text}."),
    "date_not_cited": translatable("The cited passage does not have the date {text}."),
    "name_not_cited": translatable("The cited passage does not have the name {text}."),
    "misplaced": translatable("Where the draft says {text}, the cited passage says something else."),
    "denial_new": translatable("The sentence denies something that the cited passage does not deny."),
    "denial_lost": translatable("The cited passage denies what the sentence claims."),
}
_REFUSALS = (
    (
        r"(?i)(?:quelle|passage|dokument|text|unterlage)\pL*[^.!?]{0,60}"
        r"(?:beantwort|enth[aä]lt|enthalten|nenn|geben|gibt|sag)\pL*[^.!?]{0,60}\b(?:nicht|kein)"
    ),
    r"(?i)\bkeine? (?:passende\pL* |relevante\pL* )?(?:information|angabe|antwort|aussage)",
    r"(?i)\b(?:kann|lässt sich)\b[^.!?]{0,80}\bnicht\b[^.!?]{0,20}beantwort",
    r"(?i)\bich wei(?:ß|ss)\b[^.!?]{0,30}\bnicht\b",
    (
        r"(?i)\b(?:sources?|passages?|documents?|texts?|context)\b[^.!?]{0,60}\b(?:do|does|did)(?: not|n['’]t) "
        r"(?:answer|contain|mention|say|provide|include|specify|cover)"
    ),
    r"(?i)\bno (?:relevant |such )?(?:information|answer)\b",
    r"(?i)\b(?:cannot|can['’]t|can not|could not|unable to)\b[^.!?]{0,40}\b(?:answer|find|determine)\b",
    r"(?i)\bi (?:do not|don['’]t) know\b",
)


def _set_of(patterns: Sequence[str]) -> "re2.Set":
    compiled = re2.Set.SearchSet()
    for pattern in patterns:
        compiled.Add(pattern)
    compiled.Compile()
    return compiled


_REFUSAL_SET = _set_of(_REFUSALS)


@dataclass(frozen=True, kw_only=True, slots=True)
class CitationsOptions:
    """``min_support`` is the least support (0 to 1) that a cited passage must give a sentence; docs/decisions/0121."""

    min_support: float = 0.65

    def __post_init__(self) -> None:
        if not 0 < self.min_support <= 1:
            raise ValueError("`min_support` lies above 0 and at most at 1")


class Citations:
    """Flags drafts whose statements are not supported by what they cite; blocks those that cite what is not there."""

    name = NAME

    def __init__(self, **options: object) -> None:
        self._options = read_options(NAME, CitationsOptions, options)

    def judge(self, subject: Subject) -> Judgement:
        """Verdict with findings at characters of the draft's cited text."""
        findings = tuple(self._findings(subject))
        if any(finding.code == "citation_nonexistent" for finding in findings):
            return Judgement(guard=NAME, verdict=Verdict.BLOCKED, findings=findings)
        return Judgement(guard=NAME, verdict=Verdict.FLAGGED if findings else Verdict.PASSED, findings=findings)

    def _findings(self, subject: Subject) -> Iterator[Finding]:
        text = text_of(subject)
        if _field(subject, "answered") is False:
            yield _finding("not_answered", 0, len(text))
            return
        found = statements_of(subject)
        if not any(character.isalnum() for character in text):
            yield _finding("nothing_cited", 0, len(text))
        if len(found) > _MOST_STATEMENTS:
            yield _finding("too_long", 0, len(text), count=str(len(found)))
        for statement in found[:_MOST_STATEMENTS]:
            yield from self._of_statement(statement, subject)
        yield from _listed(subject, {cited.number for statement in found for cited in statement.cited})

    def _of_statement(self, statement: Statement, subject: Subject) -> Iterator[Finding]:
        said, last = reading_in(statement, subject), len(subject.grounding.passages)
        there = []
        for cited in statement.cited:
            if 1 <= cited.number <= last:
                there.append(cited)
            else:
                yield _finding("citation_nonexistent", cited.start, cited.end, number=str(cited.number), last=str(last))
        if there:
            yield from self._of_cited(statement, said, there, subject)
        elif not statement.cited and needs_citation(statement, said.language):
            code = "not_answered" if _REFUSAL_SET.Match(statement.body) else "citation_missing"
            yield _finding(code, statement.start, statement.end)

    def _of_cited(
        self, statement: Statement, said: Reading, cited: Sequence[Cited], subject: Subject
    ) -> Iterator[Finding]:
        """Findings of a statement that cites passages which exist."""
        passages, language = subject.grounding.passages, said.language
        numbers = list(dict.fromkeys(one.number for one in cited))
        result = support_of(said, [reading_of(passages[number - 1], language) for number in numbers])
        if result.score < self._options.min_support:
            if all(is_foreign(passages[number - 1], language) for number in numbers):
                yield _finding("citation_foreign", statement.start, statement.end, numbers=_marks(numbers))
                return
            yield self._unsupported(statement, said, (result, numbers), passages)
            yield from _reasons(statement, result)
            return
        for one in cited if len(numbers) > 1 else ():
            passage = passages[one.number - 1]
            if coverage_of(said, [reading_of(passage, language)]) < _IDLE and not is_foreign(passage, language):
                yield _finding("citation_idle", one.start, one.end, number=str(one.number))

    def _unsupported(
        self, statement: Statement, said: Reading, by: tuple[Support, Sequence[int]], passages: Sequence[Passage]
    ) -> Finding:
        """Told apart: another passage supports the sentence, or none does; ``by`` is what the cited ones give it."""
        result, numbers = by
        scores = {
            number: support_of(said, [reading_of(passage, said.language)]).score
            for number, passage in enumerate(passages, 1)
            if number not in numbers
        }
        better = max(scores, key=scores.__getitem__, default=0)
        if better and scores[better] >= self._options.min_support:
            return _finding(
                "citation_swapped", statement.start, statement.end, number=str(numbers[0]), better=str(better)
            )
        shares = {"coverage": f"{result.coverage:.0%}".rstrip("%"), "pairs": f"{result.pairs:.0%}".rstrip("%")}
        return _finding("citation_unsupported", statement.start, statement.end, numbers=_marks(numbers), **shares)


def _reasons(statement: Statement, result: Support) -> Iterator[Finding]:
    """What exactly the cited passages do not say."""
    at = statement.start
    for fact in result.unknown_facts:
        yield _finding(f"{fact.kind}_not_cited", at + fact.start, at + fact.end, text=fact.text)
    for name in result.unknown_names:
        yield _finding("name_not_cited", at + name.start, at + name.end, text=name.text)
    for name in result.misplaced:
        yield _finding("misplaced", at + name.start, at + name.end, text=name.text)
    if result.new_denial:
        yield _finding("denial_new", statement.start, statement.end)
    if result.lost_denial:
        yield _finding("denial_lost", statement.start, statement.end)


def _listed(subject: Subject, cited: set[int]) -> Iterator[Finding]:
    """The field ``citations`` of the output, when it is a list of numbers, against the text."""
    listed, last = _field(subject, "citations"), len(subject.grounding.passages)
    for number in listed if isinstance(listed, list) else ():
        if not isinstance(number, int) or isinstance(number, bool):
            continue
        if not 1 <= number <= last:
            yield _finding("citation_nonexistent", 0, 0, number=str(number), last=str(last))
        elif number not in cited:
            yield _finding("citation_not_used", 0, 0, number=str(number))


def _field(subject: Subject, name: str) -> object:
    return subject.draft.get(name) if isinstance(subject.draft, dict) else None


def _marks(numbers: Sequence[int]) -> str:
    return "".join(f"[{number}]" for number in numbers)


def _finding(code: str, start: int, end: int, **values: str) -> Finding:
    return Finding(
        code=code, where="draft", start=start, end=end, message=_MESSAGES[code], values=tuple(values.items())
    )
