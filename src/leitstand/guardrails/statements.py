"""Which statements does a draft make, and which passages does each cite?"""

import re
from functools import lru_cache
from typing import NamedTuple, cast

from leitstand.domain.citation import CITATION, numbers_of
from leitstand.domain.guardrail import Subject
from leitstand.domain.retrieval import Passage
from leitstand.domain.sentences import Span, sentences
from leitstand.language.reading import Reading, read
from leitstand.language.words import carries_content, forms, language_of

_PLEASANTRY = re.compile(
    r"(?:sehr geehrte|liebe|guten (?:tag|morgen|abend)|hallo|"
    r"(?:mit )?(?:freundliche|viele|beste|herzliche|liebe)n? grüßen?|vielen dank|danke|"
    r"dear|hello|hi|hey|good (?:morning|afternoon|evening)|"
    r"kind|best|warm|with (?:kind|best)|sincerely|yours|thank you|thanks)\b",
    re.IGNORECASE,
)
_PLEASANTRY_WORDS = 7
_LEAD_IN_WORDS = 9
_QUESTION_WORDS = 20


class Cited(NamedTuple):
    """A citation mark: its place in the draft and the passage number that it names."""

    number: int
    start: int
    end: int


class Statement(NamedTuple):
    """A sentence of the draft; ``body`` is as long as the span, its citations blanked, so that places stay true."""

    start: int
    end: int
    body: str
    cited: tuple[Cited, ...]


def text_of(subject: Subject) -> str:
    """The cited text of the draft; empty when it is no text."""
    text: object = subject.draft_text
    return text if isinstance(text, str) else ""


def statements_of(subject: Subject) -> tuple[Statement, ...]:
    """The statements of the draft, found once for all guards."""
    if "statements" not in subject.shared:
        subject.shared["statements"] = statements(text_of(subject))
    return cast("tuple[Statement, ...]", subject.shared["statements"])


def reading_in(statement: Statement, subject: Subject) -> Reading:
    """The statement read in the language in which it is compared with its sources, once for all guards."""
    place = f"reading:{statement.start}"
    if place not in subject.shared:
        language = language_of(statement.body, subject.grounding.language)
        subject.shared[place] = read(statement.body, language)
    return cast("Reading", subject.shared[place])


def statements(text: str) -> tuple[Statement, ...]:
    """The sentences of a draft with their citations; marks that stand alone belong to the sentence before."""
    found: list[Statement] = []
    for span in sentences(text):
        statement = _statement(text, span)
        if found and not any(character.isalnum() for character in statement.body):
            statement = _statement(text, Span(found.pop().start, span.end))
        found.append(statement)
    return tuple(found)


def _statement(text: str, span: Span) -> Statement:
    inner = text[span.start : span.end]
    cited: list[Cited] = []
    for mark in CITATION.finditer(inner):
        start, end = span.start + mark.start(), span.start + mark.end()
        cited += [Cited(number, start, end) for number in numbers_of(mark.group())]
    body = CITATION.sub(lambda mark: " " * len(mark.group()), inner) if cited else inner
    return Statement(span.start, span.end, body, tuple(cited))


def needs_citation(statement: Statement, language: str) -> bool:
    """Whether a sentence states something: not greetings, short questions, headings and lead-ins without a number."""
    found = forms(statement.body, language)
    if not any(carries_content(word, language) for word in found):
        return False
    if any(character.isdigit() for character in statement.body):
        return True
    body = statement.body.strip()
    if _PLEASANTRY.match(body) and len(found) <= _PLEASANTRY_WORDS:
        return False
    if body.endswith("?"):
        return len(found) > _QUESTION_WORDS
    return not (len(found) <= _LEAD_IN_WORDS and (body.startswith("#") or body.endswith(":")))


def reading_of(passage: Passage, language: str) -> Reading:
    """A passage, its title in front, read in the language of the statement."""
    return _read_passage(passage.title, passage.text, language)


@lru_cache(maxsize=1024)
def _read_passage(title: str, text: str, language: str) -> Reading:
    """Remembered by what the passage holds already, so that nothing is joined to look for it."""
    return read(f"{title}.\n{text}" if title else text, language)


def is_foreign(passage: Passage, language: str) -> bool:
    """Whether words of ``language`` cannot be looked for in the passage, because it is in another one."""
    return (passage.language or _language_of_passage(passage.text, language)) != language


_language_of_passage = lru_cache(maxsize=1024)(language_of)
