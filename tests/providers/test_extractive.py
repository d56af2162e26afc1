"""Does the extractive provider quote, cite and decline as it promises?"""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leitstand import plugins
from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Grounding, Request
from leitstand.domain.price import Money, Usage
from leitstand.domain.retrieval import Passage
from leitstand.providers.extractive import NO_ANSWER, Extractive

SHOP = "You can return unused goods within 30 days with the receipt. The shop is closed on Sundays."
REPAIR = "An inspection costs 49 euros and takes two working days. Repairs above 100 euros need your consent."
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "answered": {"type": "boolean"}, "citations": {"type": "array"}},
}


def request(
    question: str,
    texts: Sequence[str] = (SHOP, REPAIR),
    *,
    language: str = "en",
    schema: object = SCHEMA,
    passage_language: str = "",
) -> Request:
    passages = tuple(
        Passage(id=str(n), source=f"page{n}", title="", text=text, language=passage_language or language)
        for n, text in enumerate(texts, 1)
    )
    grounding = Grounding(question=question, language=language, passages=passages)
    return Request(model="", messages=(), schema=schema, grounding=grounding, timeout=1.0, key="k")  # type: ignore[arg-type]


def provider(**options: object) -> Extractive:
    made = plugins.find("providers", "extractive")(Target(provider="extractive", options=options), None, None)  # type: ignore[arg-type]
    assert isinstance(made, Extractive)
    return made


async def answer(question: str, *given_texts: object, **kwargs: object) -> dict[str, object]:
    made = await provider().generate(request(question, *given_texts, **kwargs))  # type: ignore[arg-type]
    return dict(json.loads(made.text))


async def test_it_quotes_and_cites() -> None:
    found = await answer("What does an inspection cost?")
    assert found["answer"] == f"{REPAIR.split('. ', maxsplit=1)[0]}. [2] Repairs above 100 euros need your consent. [2]"
    assert (found["answered"], found["citations"]) == (True, [2])


@pytest.mark.parametrize("language", ["de", "en", "fr"])
async def test_it_says_so_when_the_sources_do_not_answer(language: str) -> None:
    found = await answer("Which planets have rings?", language=language, passage_language="en")
    assert found == {"answer": NO_ANSWER.get(language, NO_ANSWER["en"]), "answered": False, "citations": []}


@pytest.mark.parametrize("texts", [(), ("",), ("   ", "[1] [2]")])
async def test_nothing_to_quote_is_no_answer(texts: tuple[str, ...]) -> None:
    assert (await answer("What does it cost?", texts))["answered"] is False


@pytest.mark.parametrize("question", ["", "?", "the of and", "🙂"])
async def test_a_question_without_words_is_not_answered(question: str) -> None:
    assert (await answer(question))["answered"] is False


async def test_it_knows_what_a_letter_asks() -> None:
    letter = "Dear all,\n\nI bought a bicycle in May.\nWhat does an inspection cost?\n\nKind regards\nAnna Berg"
    assert (await answer(letter))["citations"] == [2]


async def test_two_sources_that_cover_the_question_alike_are_both_quoted() -> None:
    found = await answer(
        "When is the shop closed?", ("The shop is closed on Sundays.", "In winter the shop is closed at noon.")
    )
    assert found["citations"] == [1, 2]


async def test_sentences_that_would_read_as_citations_are_not_quoted() -> None:
    found = await answer(
        "What does an inspection cost?", ("An inspection costs 12 euros [4]. An inspection does cost money.",)
    )
    assert found["answer"] == "An inspection does cost money. [1]"


async def test_limits_hold() -> None:
    long = " ".join(f"Inspection number {n} has a cost of its own that is told at the desk." for n in range(40))
    made = await provider(max_sentences=2).generate(request("What is the cost of an inspection?", (long,)))
    assert json.loads(made.text)["answer"].count("[1]") == 2
    made = await provider(max_chars=10).generate(request("What is the cost of an inspection?", (long,)))
    assert json.loads(made.text)["answer"].count("[1]") == 1


async def test_without_a_schema_it_writes_text_and_streams_it() -> None:
    pieces: list[str] = []
    made = await provider().generate(request("What does an inspection cost?", schema=None), pieces.append)
    assert made.text == "".join(pieces)
    assert made.text.endswith("[2]")


async def test_it_costs_a_known_zero_and_reports_no_tokens() -> None:
    made = await provider().generate(request("What does an inspection cost?"))
    assert (made.usage, made.model, made.finish_reason) == (Usage(), "extractive", "stop")
    assert provider().price is not None
    assert provider().price.cost(made.usage) == Money(nanos=0, currency="EUR")


async def test_the_name_of_the_text_field_does_not_matter() -> None:
    schema = {
        "properties": {"answered": {"type": "boolean"}, "reply": {"type": "string"}, "citations": {"type": "array"}}
    }
    assert set(await answer("What does an inspection cost?", schema=schema)) == {"reply", "answered", "citations"}


async def test_a_schema_that_cannot_be_filled_is_a_failure_without_retry() -> None:
    schema = {"properties": {"mood": {"enum": ["happy", "sad"]}}, "required": ["mood"]}
    with pytest.raises(ProviderFailed) as failure:
        await answer("What?", schema=schema)
    assert (failure.value.kind, failure.value.retryable) == ("malformed", False)


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"min_coverag": 0.5}, "Did you mean min_coverage"),
        ({"colour": 1}, "Known options"),
        ({"min_coverage": "high"}, "min_coverage"),
        ({"min_coverage": 0}, "above 0"),
        ({"max_sentences": 0}, "at least 1"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], hint: str) -> None:
    with pytest.raises(SettingInvalid, match=hint):
        provider(**options)


@given(question=st.text(max_size=60), texts=st.lists(st.text(max_size=200), max_size=4))
@settings(max_examples=150)
async def test_any_text_gives_the_same_answer_twice_and_only_quotes(question: str, texts: list[str]) -> None:
    first, second = await answer(question, texts), await answer(question, texts)
    assert first == second
    cited = first["citations"]
    assert isinstance(cited, list)
    assert bool(cited) == first["answered"]
    assert all(1 <= number <= len(texts) for number in cited)
    if first["answered"]:
        sources = [" ".join(text.split()) for text in texts]
        for piece in str(first["answer"]).split("]"):
            quote = piece.rsplit(" [", 1)[0].strip()
            assert not quote or any(quote in source for source in sources) or "]" in "".join(sources)
