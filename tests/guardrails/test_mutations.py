"""Are spoiled drafts caught, and the quoted ones they were made from left alone? On real pages."""

import random
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from leitstand import plugins
from leitstand.domain.guardrail import Subject, Verdict
from leitstand.domain.retrieval import Passage
from leitstand.domain.sentences import sentences
from leitstand.testing.mutated_drafts import SPOILED, STILL_TRUE, Draft, Quoted, draft_of

Ask = Callable[..., Subject]
GUARDS = [plugins.find("guardrails", name)() for name in ("output_schema", "citations", "facts", "injection")]
CAUGHT = 0.9


def quotes(page: str) -> list[str]:
    """Sentences of a page that are long enough to be told apart from those of others."""
    found = [" ".join(page[span.start : span.end].split()) for span in sentences(page)]
    return [
        text for text in found if 60 <= len(text) <= 300 and "[" not in text and text[0].isupper() and text[-1] == "."
    ]


@st.composite
def drafts(draw: st.DrawFn, pages: dict[str, list[str]]) -> Draft:
    """One to three sentences quoted from five pages of one language."""
    language = draw(st.sampled_from(["de", "en"]))
    texts = [
        text[:1200] for text in draw(st.lists(st.sampled_from(pages[language]), min_size=5, max_size=5, unique=True))
    ]
    quotable = [(number, quote) for number, text in enumerate(texts, 1) for quote in quotes(text)]
    assume(len(quotable) >= 3)
    chosen = draw(st.lists(st.sampled_from(quotable), min_size=1, max_size=3, unique=True))
    passages = tuple(
        Passage(id=str(number), source=str(number), title="", text=text, language=language)
        for number, text in enumerate(texts, 1)
    )
    statements = tuple(Quoted(text=text, number=number) for number, text in chosen)
    return Draft(statements=statements, passages=passages, language=language)


def flagged(ask: Ask, draft: Draft) -> list[str]:
    texts = [passage.text for passage in draft.passages]
    made = ask(draft.text(), *texts, language=draft.language)
    judgements = [guard.judge(made) for guard in GUARDS]
    return [finding.code for one in judgements if one.verdict is not Verdict.PASSED for finding in one.findings]


def test_quoted_drafts_pass_and_every_mutation_is_caught(subject: Ask, pages: dict[str, list[str]]) -> None:
    """Rates over drafts that chance picks; what is certain by construction must always hold."""
    certain = {"nonexistent id", "dropped citation", "invented sentence"}
    counts = {name: [0, 0] for name in (*SPOILED, *STILL_TRUE)}

    @given(draft=drafts(pages), seed=st.integers(0, 2**32))
    @settings(max_examples=150, database=None, derandomize=True)
    def run(draft: Draft, seed: int) -> None:
        assert flagged(subject, draft) == [], draft.text()
        for name, mutation in {**SPOILED, **STILL_TRUE}.items():
            spoiled = mutation(draft, random.Random(seed))
            if spoiled is not None:
                codes = flagged(subject, spoiled)
                assert codes or name not in certain, spoiled.text()
                counts[name][0] += bool(codes)
                counts[name][1] += 1

    run()
    shares = {name: caught / made for name, (caught, made) in counts.items() if made >= 10}
    assert {name for name in SPOILED if shares.get(name, 1.0) < CAUGHT} == set(), counts
    assert {name for name in STILL_TRUE if shares[name] > 1 - CAUGHT} == set(), counts
    assert len(shares) >= len(SPOILED), counts


def test_the_text_of_a_draft_reads_back() -> None:
    text = "Es ist so. [1] Es ist nicht so. [12]"
    draft = draft_of(text, (), "de")
    assert [(one.text, one.number) for one in draft.statements] == [("Es ist so.", 1), ("Es ist nicht so.", 12)]
    assert draft.text() == text


@pytest.mark.parametrize("name", [*SPOILED, *STILL_TRUE])
def test_a_draft_with_nothing_to_spoil_is_not_spoiled(name: str) -> None:
    empty = Draft(statements=(), passages=(), language="en")
    if name != "invented sentence":
        assert {**SPOILED, **STILL_TRUE}[name](empty, random.Random(1)) is None
