"""Are our stems those of Snowball, letter for letter?"""

import json
import random
from pathlib import Path

import pytest
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st

from leitstand.language.stems import english, german
from leitstand.language.words import WORD, fold

CORPORA = Path(__file__).parents[1] / "data" / "retrieval"
PIECES = {
    "german": """
        qu ae ue oe u y e s st et en er em ln lns erin erinnen ern niss nis end ig ung lich isch ik heit keit ' 's 'sch
        syst tick plan ä ö ü a i o b d l n t ß x é intern tr geordn
    """,
    "english": """
        y a e i o u ed eed ing ly edly ingly eedly s ss us ies ied sses ' 's at bl iz bb tt past gener inter ogi ogist
        l li bli alli ful ness ative ation ational tional ization izer ion t ment ement ent al ic ical ize e ll w x succ
        out inn dy é ous able c h 's' arsen skis early
    """,
}
OURS = {"german": german, "english": english}


def words_of(corpus: str) -> set[str]:
    lines = (CORPORA / corpus / "corpus.jsonl").read_text("utf-8").splitlines()
    return {fold(word) for line in lines for word in WORD.findall(json.loads(line)["text"])}


@pytest.mark.parametrize(("name", "corpus"), [("german", "help_de"), ("english", "help_en")])
def test_every_word_of_the_help(name: str, corpus: str) -> None:
    found = sorted(words_of(corpus))
    assert len(found) > 300
    theirs = snowballstemmer.stemmer(name)
    assert [OURS[name](word) for word in found] == theirs.stemWords(found)


@pytest.mark.parametrize("name", ["german", "english"])
def test_endings_in_every_order(name: str) -> None:
    chance, pieces = random.Random(5), PIECES[name].split()
    made = ["".join(chance.choices(pieces, k=chance.randint(0, 6))) for _ in range(20_000)]
    assert [OURS[name](word) for word in made] == snowballstemmer.stemmer(name).stemWords(made)


@given(st.text(max_size=30))
def test_any_text_has_the_same_stem(text: str) -> None:
    word = fold(text)
    assert (german(word), english(word)) == tuple(
        snowballstemmer.stemmer(name).stemWord(word) for name in ("german", "english")
    )
