from leitstand.definition.documents import Report
from leitstand.definition.source_check import cut_all
from leitstand.domain.workflow import Retrieval, SourceSpec

BINARY = b"\0\1\2" * 50


def retrieval(*paths: str) -> Retrieval:
    return Retrieval(sources=tuple(SourceSpec(path=path) for path in paths))


def test_good_sources_are_cut():
    report = Report(file="workflow.toml", problems=[])
    passages = cut_all({"a.md": b"# Title\n\nText."}, retrieval("*.md"), report)
    assert [(passage.source, passage.title, passage.text) for passage in passages] == [("a.md", "Title", "Text.")]
    assert report.problems == []


def test_patterns_stand_at_their_line_and_files_for_themselves():
    places = {("retrieval", "sources", 0, "path"): 7, ("retrieval", "sources", 1, "path"): 9}
    report = Report(file="workflow.toml", problems=[], lines=places)
    files = {"a.md": b"Text.", "b.md": BINARY, "c.xyz": b"Text."}
    assert cut_all(files, retrieval("*.md", "*.nothing", "c.xyz"), report) == ()
    found = {(problem.file, problem.line): problem.text() for problem in report.problems}
    assert found.keys() == {("workflow.toml", 9), ("b.md", 0), ("c.xyz", 0)}
    assert (
        "*.nothing cannot be read: no file of the folder matches it. Correct the path, or add the file."
        in found["workflow.toml", 9]
    )


def test_thousands_of_bad_files_are_told_in_part():
    report = Report(file="workflow.toml", problems=[])
    assert cut_all({f"{number}.md": BINARY for number in range(2000)}, retrieval("*.md"), report) == ()
    assert len(report.problems) == 50
