"""Does the page say of the semantic cache what the measurement says, and is nothing tuned on what it is tested on?"""

from bench.paraphrases import FRESH, pairs
from bench.semantic_cache import report
from tests.docs.pages import ROOT

PAGE = ROOT / "docs/how-to/answer-repeated-questions-from-the-cache.md"


def test_the_page_says_what_was_measured() -> None:
    assert report() in PAGE.read_text("utf-8")


def test_no_question_is_in_two_parts() -> None:
    tuning, test = (
        {text for pair in pairs() if pair.half == half for text in (pair.one, pair.other)} for half in HALVES
    )
    assert not tuning & test
    fresh = {text for pair in pairs(FRESH) for text in (pair.one, pair.other)}
    assert not fresh & (tuning | test)
    assert (len(pairs()), len(pairs(FRESH))) == (480, 240)


HALVES = ("tuning", "test")
