"""What do all tests of guards share? Subjects made of a draft and its passages, and the pages of the demo."""

import json
from collections.abc import Callable
from importlib import resources

import pytest

from leitstand.domain.guardrail import Subject
from leitstand.domain.message import Grounding
from leitstand.domain.retrieval import Passage

SCHEMA = {
    "type": "object",
    "properties": {
        "answer": {"type": "string"},
        "answered": {"type": "boolean"},
        "citations": {"type": "array", "items": {"type": "integer", "minimum": 1}},
    },
    "required": ["answer", "answered", "citations"],
    "additionalProperties": False,
}

Ask = Callable[..., Subject]


def passage(number: int, text: str, language: str = "en", title: str = "") -> Passage:
    return Passage(id=f"p{number}", source=f"page-{number}", title=title, text=text, language=language)


@pytest.fixture(scope="session")
def subject() -> Ask:
    """``subject(text, "passage", ..., language=, question=, draft=)``; without a draft one that fits the schema."""

    def build(text: str, *texts: str, language: str = "en", question: str = "", draft: object = None) -> Subject:
        passages = tuple(passage(number, one, language) for number, one in enumerate(texts, 1))
        made = {"answer": text, "answered": True, "citations": []} if draft is None else draft
        return Subject(
            input_text=question,
            draft=made,  # type: ignore[arg-type]
            draft_text=text,
            schema=SCHEMA,
            grounding=Grounding(question=question, language=language, passages=passages),
        )

    return build


@pytest.fixture(scope="session")
def pages() -> dict[str, list[str]]:
    """Texts of the demo's help pages by language."""
    folder = resources.files("leitstand.demo").joinpath("help/knowledge")
    return {
        language: [
            json.loads(line)["text"]
            for line in folder.joinpath(f"gnome_help_{language}.jsonl").read_text("utf-8").splitlines()
        ]
        for language in ("de", "en")
    }
