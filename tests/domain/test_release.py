"""Does a release's digest change with every byte that can change an answer, and with nothing else?"""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.release import release_digest

files = st.dictionaries(st.text("abc/.ü\\\n", min_size=1, max_size=4), st.binary(max_size=4), max_size=4)
index_ids = st.sampled_from(["", "1f", "2e"])


def test_the_digest_of_a_known_folder_stays_what_it_was() -> None:
    known = release_digest({"workflow.toml": b"name = 'x'\n", "prompt.md": b"Answer."}, "abc")
    assert known == release_digest({"prompt.md": b"Answer.", "workflow.toml": b"name = 'x'\n"}, "abc")
    assert len(known) == 64
    assert known == known.lower()


def test_a_line_break_in_a_name_is_not_a_second_file() -> None:
    second = hashlib.sha256(b"two").hexdigest()
    assert release_digest({"a": b"one", "b": b"two"}, "") != release_digest({f"a\n{second} b": b"one"}, "")


@given(files, index_ids, files, index_ids)
def test_two_digests_are_equal_exactly_when_their_inputs_are(
    one: dict[str, bytes], its_index: str, other: dict[str, bytes], others_index: str
) -> None:
    same = (one, its_index) == (other, others_index)
    assert (release_digest(one, its_index) == release_digest(other, others_index)) is same
