"""What is a case about, said on one line, and where does a queue lead?"""

import json

import pytest

from leitstand.domain.case import Status
from leitstand.domain.workflow import Normalisation
from leitstand.web.pages.queues import Queue, subject


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"q": "  \n Hello\t there, \n\n friend"}, "Hello there, friend"),
        ({"q": "word " * 40}, "word " * 22 + "word…"),
        ({"q": ""}, ""),
        ({"q": 5}, "5"),
        ({"other": "x"}, ""),
        (["no object"], ""),
    ],
)
def test_subjects(given: object, said: str) -> None:
    assert subject(json.dumps(given).encode(), Normalisation(text="q")) == said


def test_the_subject_of_a_chat_is_what_the_user_said_last() -> None:
    said = [("system", "Be brief."), ("user", "One"), ("assistant", "1"), ("user", "Two"), ("assistant", "2")]
    given = {"messages": [{"role": role, "content": content} for role, content in said]}
    assert subject(json.dumps(given).encode(), Normalisation(messages="messages")) == "Two"


def test_an_erased_input_has_no_subject() -> None:
    assert subject(None, Normalisation(text="q")) == ""


def test_queues_are_addresses() -> None:
    assert Queue().query == ""
    assert Queue(name="review", workflow="a b").query == "?queue=review&workflow=a+b"
    assert Queue(name="escalated").statuses == (Status.ESCALATED,)
    assert Queue().statuses == (Status.REVIEW, Status.ESCALATED)
