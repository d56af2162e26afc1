"""Do the pieces of a marked text always join to exactly the text?"""

from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.sentences import Span
from leitstand.web.pages.highlight import Mark, pieces

SPANS = st.tuples(st.integers(-3, 40), st.integers(-3, 40))


def mark(name: str, start: int, end: int, kind: str = "finding") -> Mark:
    return Mark(id=name, kind=kind, span=Span(start, end), note=f"note of {name}")


@given(st.text(max_size=30), st.lists(SPANS, max_size=6))
def test_pieces_join_to_the_text_and_each_valid_mark_begins_once(text: str, spans: list[tuple[int, int]]) -> None:
    marks = [mark(f"m{place}", *span) for place, span in enumerate(spans)]
    found = pieces(text, marks)
    assert "".join(piece.text for piece in found) == text
    begun = [item.id for piece in found for item in piece.begins]
    assert sorted(begun) == sorted(item.id for item in marks if 0 <= item.span.start < item.span.end <= len(text))
    for item in marks:
        covered = "".join(piece.text for piece in found if item in piece.marks)
        assert covered in ("", text[item.span.start : item.span.end])


def test_overlapping_marks_share_a_piece() -> None:
    found = pieces("one two three", [mark("a", 0, 7), mark("b", 4, 13, "citation")])
    assert [(piece.text, piece.kinds) for piece in found] == [
        ("one ", "finding"),
        ("two", "finding citation"),
        (" three", "citation"),
    ]
    assert found[1].of("citation").id == "b"
    assert found[1].notes == "note of a\nnote of b"
