"""Can every source that ``workflow.toml`` names be read and cut into passages?"""

from collections.abc import Mapping
from dataclasses import replace

from leitstand.definition.documents import Report
from leitstand.domain.errors import Phrase, SourceUnreadable, translatable
from leitstand.domain.retrieval import Passage
from leitstand.domain.workflow import Retrieval

_ENOUGH = 50
"""Unreadable sources shown at most."""


def cut_all(files: Mapping[str, bytes], retrieval: Retrieval, report: Report) -> tuple[Passage, ...]:
    """The passages of all sources, or none with a problem for each source that cannot be read or finds no file."""
    from leitstand.definition.sources import cut  # brings PDF and DOCX readers along

    left, failed = retrieval, False
    for _ in range(_ENOUGH):
        if not left.sources:
            break
        try:
            passages = cut(files, left)
        except SourceUnreadable as error:
            failed, path = True, error.values["path"]
            _add_unreadable(path, error, retrieval, files, report)
            files = {name: content for name, content in files.items() if name != path}
            left = replace(left, sources=tuple(source for source in left.sources if source.path != path))
            continue
        if not passages and not failed:
            _add_empty(report)
        return () if failed else passages
    return ()


def _add_unreadable(
    path: str, error: SourceUnreadable, retrieval: Retrieval, files: Mapping[str, bytes], report: Report
) -> None:
    """A file stands for itself; a pattern is shown where ``workflow.toml`` has it."""
    patterns = [source.path for source in retrieval.sources]
    named = path in patterns and path not in files
    where = report if named else Report(file=path, problems=report.problems)
    way_out = error.phrases.get("way_out", Phrase("{way_out}", way_out=error.values["way_out"]))
    where.add(
        ("retrieval", "sources", patterns.index(path), "path") if named else 0,
        translatable("The source {path} cannot be read: {detail}."),
        way_out.template,
        **{**way_out.values, "path": path, "detail": error.values["detail"]},
    )


def _add_empty(report: Report) -> None:
    report.add(
        ("retrieval", "sources"),
        translatable("The sources hold no text at all."),
        translatable("Add files with text, or remove `[retrieval]`."),
    )
