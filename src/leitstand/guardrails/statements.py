"""Which statements does a draft make, and which passages does each cite?"""

import re
from dataclasses import dataclass

from leitstand.domain.citation import CITATION, numbers_of
from leitstand.domain.guardrail import Subject
from leitstand.domain.retrieval import Passage
from leitstand.domain.sentences import Span, sentences
from leitstand.language.reading import Reading, read_source
from leitstand.language.words import carries_content, language_of, words

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Cited:
    """A citation mark: its place in the draft and the passage number that it names."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A sentence of the draft; ``body`` is as long as the span, its citations blanked, so that places stay true."""

    start: int
    end: int
    body: str
    cited: tuple[Cited, ...]


def text_of(subject: Subject) -> str:
    """The cited text of the draft; empty when it is no text."""
    text: object = subject.draft_text
    return text if isinstance(text, str) else ""


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
    cited = tuple(
        Cited(number=number, start=span.start + mark.start(), end=span.start + mark.end())
        for mark in CITATION.finditer(inner)
        for number in numbers_of(mark.group())
    )
    body = CITATION.sub(lambda mark: " " * len(mark.group()), inner)
    return Statement(start=span.start, end=span.end, body=body, cited=cited)


def needs_citation(statement: Statement, language: str) -> bool:
    """Whether a sentence states something: not greetings, short questions, headings and lead-ins without a number."""
    found = words(statement.body, language)
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


def language_in(statement: Statement, subject: Subject) -> str:
    """The language in which a sentence is compared with its sources."""
    return language_of(statement.body, subject.grounding.language)


def reading_of(passage: Passage, language: str) -> Reading:
    """A passage, its title in front, read in the language of the statement."""
    return read_source(f"{passage.title}.\n{passage.text}" if passage.title else passage.text, language)


def is_foreign(passage: Passage, language: str) -> bool:
    """Whether words of ``language`` cannot be looked for in the passage, because it is in another one."""
    return (passage.language or language_of(passage.text, language)) != language
