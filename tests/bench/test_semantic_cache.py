"""Does the page say of the semantic cache what the measurement says, and is nothing tuned on what it is tested on?"""

from bench.paraphrases import pairs
from bench.semantic_cache import report
from tests.docs.pages import ROOT

PAGE = ROOT / "docs/how-to/answer-repeated-questions-from-the-cache.md"


def test_the_page_says_what_was_measured() -> None:
    assert report() in PAGE.read_text("utf-8")


def test_no_question_is_in_both_halves() -> None:
    tuning, test = (
        {text for pair in pairs() if pair.half == half for text in (pair.one, pair.other)} for half in HALVES
    )
    assert not tuning & test
    assert len(pairs()) >= 400


HALVES = ("tuning", "test")
