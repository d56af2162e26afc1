"""Are there numbers, dates or names in the draft that no source has?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leitstand.domain.errors import translatable
from leitstand.domain.guardrail import Finding, Judgement, Subject, Verdict
from leitstand.domain.retrieval import Passage
from leitstand.guardrails.options import read_options
from leitstand.guardrails.statements import (
    Statement,
    is_foreign,
    reading_in,
    reading_of,
    statements_of,
    text_of,
)  # fmt: skip
from leitstand.language.facts import Fact, facts
from leitstand.language.names import Name, unknown_among, unknown_names
from leitstand.language.reading import Reading, read

NAME = "facts"
_MOST_STATEMENTS = 200
_MOST_VALUES = 500
_MESSAGES = {
    "number_unknown": translatable("No source has the number {text}."),
    "date_unknown": translatable("No source has the date {text}."),
    "name_unknown": translatable("No source has the name {text}."),
    "number_elsewhere": translatable("The number {text} stands in passage [{number}], not in the cited one."),
    "date_elsewhere": translatable("The date {text} stands in passage [{number}], not in the cited one."),
    "too_long": translatable("The draft has more sentences than can be checked: {count}."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FactsOptions:
    """Whether names are looked for besides numbers and dates."""

    names: bool = True


class Facts:
    """Flags numbers, dates and names that stand neither in the passages nor in the input."""

    name = NAME

    def __init__(self, **options: object) -> None:
        self._options = read_options(NAME, FactsOptions, options)

    def judge(self, subject: Subject) -> Judgement:
        """Verdict with findings at characters of the cited text; of the draft as a whole when there is none."""
        findings = tuple(self._findings(subject))
        return Judgement(guard=NAME, verdict=Verdict.FLAGGED if findings else Verdict.PASSED, findings=findings)

    def _findings(self, subject: Subject) -> Iterator[Finding]:
        text = text_of(subject)
        if not text:
            yield from self._of_values(subject)
            return
        found = statements_of(subject)
        if len(found) > _MOST_STATEMENTS:
            yield _finding("too_long", 0, len(text), count=str(len(found)))
        given: dict[str, Reading] = {}
        for statement in found[:_MOST_STATEMENTS]:
            yield from self._of_statement(statement, subject, given)

    def _of_statement(self, statement: Statement, subject: Subject, given: dict[str, Reading]) -> Iterator[Finding]:
        """``given`` remembers the input as read, by language; of the passages none is read that nobody asks for."""
        said = reading_in(statement, subject)
        language, passages = said.language, subject.grounding.passages
        if not (said.stated or (self._options.names and said.capitalised)):
            return
        if language not in given:
            given[language] = read(str(subject.input_text), language)
        numbers = sorted({cited.number for cited in statement.cited if 1 <= cited.number <= len(passages)})
        cited = [passages[number - 1] for number in numbers] or passages
        for fact in said.stated:
            yield from _of_fact(fact, statement.start, (cited, passages, given[language]))
        if self._options.names and not all(is_foreign(passage, language) for passage in passages):
            known = _lazily([*cited, *passages], given[language])
            for name in unknown_among(said.capitalised, said.text, known):
                yield _about("name_unknown", name, statement.start)

    def _of_values(self, subject: Subject) -> Iterator[Finding]:
        """Structured drafts: every text and number in them must stand in the input or in a passage."""
        language = subject.grounding.language
        sources = [reading_of(passage, language) for passage in subject.grounding.passages]
        sources.append(read(str(subject.input_text), language))
        known = frozenset[str]().union(*(source.values for source in sources))
        for value, free in _leaves(subject.draft, subject.schema):
            for fact in facts(value):
                if not fact.readings & known:
                    yield _finding(f"{fact.kind}_unknown", 0, 0, text=fact.text)
            for name in unknown_names(value, language, sources) if free and self._options.names else ():
                yield _finding("name_unknown", 0, 0, text=name.text)


def _lazily(passages: Iterable[Passage], given: Reading) -> Iterator[Reading]:
    """The input, then each passage read in its language when it is asked for."""
    yield given
    for passage in dict.fromkeys(passages):
        yield reading_of(passage, given.language)


def _of_fact(fact: Fact, offset: int, known: tuple[Sequence[Passage], Sequence[Passage], Reading]) -> Iterator[Finding]:
    """Nothing when the cited passages or the input know the fact; else where it stands, if anywhere."""
    cited, passages, given = known
    if any(not fact.readings.isdisjoint(reading.values) for reading in _lazily(cited, given)):
        return
    for number, passage in enumerate(passages, 1):
        if not fact.readings.isdisjoint(reading_of(passage, given.language).values):
            yield _about(f"{fact.kind}_elsewhere", fact, offset, number=str(number))
            return
    yield _about(f"{fact.kind}_unknown", fact, offset)


def _leaves(draft: object, schema: object) -> Iterator[tuple[str, bool]]:
    """Texts and numbers of a draft, at most five hundred, and whether they are free text: no value of an ``enum``."""
    waiting: list[tuple[object, object]] = [(draft, schema)]
    seen = 0
    while waiting and seen < _MOST_VALUES:
        value, kind = waiting.pop()
        seen += 1
        described = kind if isinstance(kind, Mapping) else {}
        match value:
            case bool() | None:
                continue
            case str():
                yield value, "enum" not in described and "const" not in described
            case int() | float():
                yield str(value), False
            case Mapping():
                properties = described.get("properties")
                inner = properties if isinstance(properties, Mapping) else {}
                waiting.extend((part, inner.get(name)) for name, part in value.items())
            case list() | tuple():
                waiting.extend((part, described.get("items")) for part in value)
            case _:
                continue


def _about(code: str, found: Fact | Name, offset: int, **values: str) -> Finding:
    return _finding(code, offset + found.start, offset + found.end, text=found.text, **values)


def _finding(code: str, start: int, end: int, **values: str) -> Finding:
    return Finding(
        code=code, where="draft", start=start, end=end, message=_MESSAGES[code], values=tuple(values.items())
    )
