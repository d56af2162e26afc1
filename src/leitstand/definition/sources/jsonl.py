"""How do JSON lines become sections? One record a line, its ``id`` being the name of the source."""

from json import JSONDecodeError, loads

from leitstand.definition.sources.plain_text import decoded, paragraphs
from leitstand.definition.sources.section import Section, one_line, unreadable
from leitstand.domain.errors import Phrase, SourceUnreadable, translatable


def read_jsonl(path: str, content: bytes) -> tuple[Section, ...]:
    """A section a line, from ``id`` and ``text`` with optional ``title`` and ``language``; other keys are left alone.

    Raises ``SourceUnreadable`` naming the first broken line.
    """
    lines = enumerate(decoded(path, content).split("\n"), start=1)
    return tuple(_section(path, number, line) for number, line in lines if line.strip())


def _section(path: str, number: int, line: str) -> Section:
    try:
        record = loads(line)
    except (JSONDecodeError, RecursionError) as error:
        found = error.msg if isinstance(error, JSONDecodeError) else "nested too deeply"
        detail = Phrase(translatable("line {line} is not JSON ({found})"), line=number, found=found)
        raise _broken(path, detail) from None
    if not isinstance(record, dict):
        raise _broken(path, Phrase(translatable("line {line} is not a JSON object"), line=number))
    texts = {key: record.get(key, "") for key in ("id", "text", "title", "language")}
    wrong = [key for key, value in texts.items() if not isinstance(value, str)]
    wrong += [key for key in ("id", "text") if key not in wrong and not texts[key].strip()]
    if wrong:
        detail = Phrase(translatable("line {line} has no text under `{key}`"), line=number, key=wrong[0])
        raise _broken(path, detail)
    return Section(
        source=texts["id"],
        title=one_line(texts["title"]),
        blocks=paragraphs(texts["text"]),
        language=texts["language"],
    )


def _broken(path: str, detail: Phrase) -> SourceUnreadable:
    expected = '{"id": "...", "text": "...", "title": "...", "language": "..."}'
    way_out = Phrase(
        translatable("Write one object a line: {expected}; title and language may be left out."), expected=expected
    )
    return unreadable(path, detail, way_out)
