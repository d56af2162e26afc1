"""Are passages of even size, and is nothing lost between them?"""

from hypothesis import given
from hypothesis import strategies as st

from leitstand.definition.sources.windows import windows

WORDS = st.text(alphabet="abÄß1.!? ", max_size=60) | st.just("x" * 250) | st.just("Ein Satz. Noch einer!")
BLOCKS = st.lists(WORDS.map(lambda text: " ".join(text.split())).filter(bool), max_size=25)


def letters(text):
    return "".join(text.split())


@given(BLOCKS, st.integers(100, 400))
def test_every_character_is_in_exactly_one_passage_when_nothing_overlaps(blocks, size):
    found = windows(blocks, size)
    assert letters("".join(found)) == letters("".join(blocks))


@given(BLOCKS, st.integers(100, 400), st.integers(0, 3))
def test_no_passage_is_larger_than_the_window_or_empty(blocks, size, overlap):
    assert all(0 < len(text.strip()) == len(text) <= size for text in windows(blocks, size, overlap))


@given(st.lists(st.integers(1, 150), max_size=40), st.integers(160, 400), st.integers(1, 3))
def test_with_overlap_the_passages_still_cover_the_text_in_order(lengths, size, overlap):
    whole = " ".join(f"<{number}> {'w' * length}." for number, length in enumerate(lengths))
    reached = 0
    for text in windows([whole], size, overlap):
        start = whole.index(text, max(0, reached - len(text) + 1))  # a piece may be a full stop, and there are many
        assert not whole[reached:start].strip()
        reached = start + len(text)
    assert not whole[reached:].strip()


def test_passages_are_of_about_equal_length():
    found = windows(["Ein Satz von etwa vierzig Zeichen Länge."] * 26, 1000)
    assert [len(text) for text in found] == [532, 532]


def test_overlap_repeats_the_sentences_before():
    text = " ".join(f"Satz Nummer {number} steht hier." for number in range(10))
    found = windows([text], 150, overlap=1)
    assert found[0].endswith("Satz Nummer 4 steht hier.")
    assert found[1].startswith("Satz Nummer 4 steht hier. Satz Nummer 5")


def test_a_sentence_longer_than_the_window_is_cut_at_white_space():
    found = windows(["wort " * 60], 100)
    assert all(text.startswith("wort") and text.endswith("wort") for text in found)


def test_nothing_gives_nothing():
    assert windows([], 100) == windows(["", " "], 100) == []
