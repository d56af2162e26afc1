"""Which passages do the sources of a workflow hold?"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from fnmatch import translate
from pathlib import PurePosixPath
from re import compile as compiled

from leitstand.definition.sources.docx import read_docx
from leitstand.definition.sources.html import read_html
from leitstand.definition.sources.jsonl import read_jsonl
from leitstand.definition.sources.markdown import read_markdown
from leitstand.definition.sources.pdf import read_pdf
from leitstand.definition.sources.plain_text import read_text
from leitstand.definition.sources.section import MAX_FILE_BYTES, Section, unreadable, without_text
from leitstand.definition.sources.windows import windows
from leitstand.domain.errors import Phrase, translatable
from leitstand.domain.retrieval import Passage
from leitstand.domain.workflow import Retrieval, SourceSpec
from leitstand.language.detect import detected

Reader = Callable[[str, bytes], tuple[Section, ...]]
READERS: Mapping[str, Reader] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".txt": read_text,
    ".text": read_text,
    ".rst": read_text,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".pdf": read_pdf,
    ".docx": read_docx,
}
"""File name suffix to what reads it."""


def cut(files: Mapping[str, bytes], retrieval: Retrieval) -> tuple[Passage, ...]:
    """The passages of all sources in the order of ``workflow.toml``, then of file names, then of the text.

    ``files`` maps paths inside the workflow folder to their bytes; a file named by two sources belongs to the first.
    Raises ``SourceUnreadable`` for the first file that is not what it claims to be, and for a source that names no
    file.
    """
    passages: list[Passage] = []
    seen: set[str] = set()
    for source in retrieval.sources:
        found = matching(files, source.path)
        if not found:
            raise unreadable(
                source.path,
                Phrase(translatable("no file of the folder matches it")),
                Phrase(translatable("Correct the path, or add the file.")),
            )
        for path in found:
            if path not in seen:
                passages.extend(_cut_file(path, files[path], source, retrieval))
        seen.update(found)
    return tuple(passages)


def matching(files: Mapping[str, bytes], pattern: str) -> tuple[str, ...]:
    """Sorted paths that ``pattern`` names: a path, or a glob in which ``**/`` stands for any folders, none included."""
    if pattern in files:
        return (pattern,)
    shapes = [compiled(translate(shape)) for shape in {pattern, pattern.replace("**/", "")}]
    deep = "**" in pattern
    return tuple(
        sorted(
            path
            for path in files
            if any(shape.match(path) for shape in shapes) and (deep or path.count("/") == pattern.count("/"))
        )
    )


def _cut_file(path: str, content: bytes, source: SourceSpec, retrieval: Retrieval) -> Iterator[Passage]:
    ids: Counter[str] = Counter()
    sections = _sections(path, content)
    for section in sections:
        for text in windows(section.blocks, retrieval.window_chars, retrieval.overlap_sentences):
            name = _id(path, section, text)
            ids[name] += 1
            yield Passage(
                id=name if ids[name] == 1 else f"{name}-{ids[name]}",
                source=section.source,
                title=section.title,
                text=text,
                language=source.language or section.language or detected(f"{section.title}\n{text}"),
            )
    if not ids:
        raise without_text(path)


def _sections(path: str, content: bytes) -> tuple[Section, ...]:
    reader = READERS.get(PurePosixPath(path).suffix.lower())
    if reader is None:
        raise unreadable(
            path,
            Phrase(translatable("nothing here reads this kind of file")),
            Phrase(translatable("Convert it to one of {kinds}."), kinds=", ".join(READERS)),
        )
    if len(content) > MAX_FILE_BYTES:
        raise unreadable(
            path,
            Phrase(
                translatable("it has {size} MiB; at most {limit} are read"),
                size=len(content) >> 20,
                limit=MAX_FILE_BYTES >> 20,
            ),
            Phrase(translatable("Split it.")),
        )
    if not content.strip():
        raise without_text(path)
    return reader(path, content)


def _id(path: str, section: Section, text: str) -> str:
    """Sixteen hex digits that stay the same while path, source, title and text do."""
    return hashlib.sha256(f"{path}\0{section.source}\0{section.title}\0{text}".encode()).hexdigest()[:16]
