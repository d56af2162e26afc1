"""Does a broken record say on which line it is, and what is expected there?"""

import pytest

from leitstand.definition.sources.jsonl import read_jsonl
from leitstand.domain.errors import SourceUnreadable


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": "b", "text": ', "line 2 is not JSON"),
        ("[" * 100_000, "line 2 is not JSON"),
        ('["b"]', "line 2 is not a JSON object"),
        ('{"id": "b"}', "line 2 has no text under `text`"),
        ('{"text": "b"}', "line 2 has no text under `id`"),
        ('{"id": "b", "text": " "}', "line 2 has no text under `text`"),
        ('{"id": 7, "text": "b"}', "line 2 has no text under `id`"),
        ('{"id": "b", "text": "x", "title": null}', "line 2 has no text under `title`"),
    ],
)
def test_a_broken_line_is_named(line, says):
    with pytest.raises(SourceUnreadable) as error:
        read_jsonl("a.jsonl", f'{{"id": "a", "text": "fine"}}\n{line}\n'.encode())
    assert says in str(error.value)
    assert "one object a line" in error.value.values["way_out"]


def test_line_separators_inside_a_text_do_not_end_a_record():
    (section,) = read_jsonl("a.jsonl", '{"id": "a", "text": "one\u2028two\\n\\nthree"}'.encode())
    assert section.blocks == ("one two", "three")
