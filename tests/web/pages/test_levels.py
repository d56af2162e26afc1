"""Do the levels say what was measured, in both languages, and is what nobody measured unknown?"""

from dataclasses import replace

from tests.web.pages.test_control_room import WORKFLOW

from leitstand.domain.drafting import Draft, Target
from leitstand.domain.evaluation import Outcome, level_of
from leitstand.domain.fallback import UNUSED, ChainUse
from leitstand.web.pages.levels import level_lines, release_lines
from leitstand.web.pages.words import CALL_ERRORS, WITHHELD
from leitstand.web.speech import Speech

EN, DE = Speech("en"), Speech("de")
CHAIN = replace(WORKFLOW, draft=Draft(chain=(Target(provider="openai", model="a"), Target(provider="template"))))
USE = ChainUse(answers={0: 90, 1: 8, None: 2}, left={"timeout": 6, "breaker": 3, "odd_code": 1})
GOLD = (level_of(1, ("template", ""), [Outcome(passed=place < 3, took=1, cost=0, currency="") for place in range(4)]),)


def test_every_level_has_its_score_beside_its_share_and_what_none_answered_a_line_of_its_own() -> None:
    lines = [(line.name, line.gold, line.use) for line in level_lines(CHAIN, USE, GOLD, EN)]
    assert lines == [
        ("1 a", "unknown", "90% (90 of 100)"),
        ("2 template", "75% (3 of 4)", "8% (8 of 100)"),
        ("no draft", "–", "2% (2 of 100)"),
    ]


def test_an_unused_chain_and_an_empty_sample_of_gold_cases_are_unknown() -> None:
    empty = (level_of(0, ("openai", "a"), []),)
    assert {(line.gold, line.use) for line in level_lines(CHAIN, UNUSED, empty, EN)} == {("unknown", "unknown")}


def test_the_active_release_comes_first_then_those_with_most_answers() -> None:
    used = {"old": ChainUse(answers={0: 4}, left={}), "older": ChainUse(answers={0: 9}, left={}), "now": USE}
    lines = release_lines(used, "now", EN)
    assert [(line.digest, line.is_active) for line in lines] == [("now", True), ("older", False), ("old", False)]
    assert lines[0].rate == "10% (10 of 100)"
    assert lines[0].reasons == (
        (CALL_ERRORS["timeout"], "6% (6 of 100)"),
        (WITHHELD["breaker"], "3% (3 of 100)"),
        ("odd code", "1% (1 of 100)"),
    )
    assert [line.rate for line in release_lines({}, "now", DE)] == ["unbekannt"]
