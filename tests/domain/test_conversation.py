"""Which lists are conversations, and what is wrong with the others?"""

import pytest

from leitstand.domain.message import ConversationUnreadable, Message, conversation, last_question
from leitstand.domain.workflow import Normalisation


def user(content: object) -> dict:
    return {"role": "user", "content": content}


def test_texts_and_text_parts_are_read():
    given = [{"role": "developer", "content": "Be brief."}, user([{"type": "text", "text": "a"}] * 2)]
    assert conversation(given) == (
        Message(role="developer", content="Be brief."),
        Message(role="user", content="a\na"),
    )


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        (None, ""),
        ([], ""),
        ("hello", ""),
        (["hello"], "/0"),
        ([user("a"), {"role": "tool", "content": "x"}], "/1/role"),
        ([{"content": "x"}], "/0/role"),
        ([user(None)], "/0/content"),
        ([user([])], "/0/content"),
        ([user(5)], "/0/content"),
        ([user([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}])], "/0/content/1"),
        ([user([{"type": "text", "text": 5}])], "/0/content/0"),
        ([{**user("a"), "tool_calls": []}], "/0/tool_calls"),
    ],
)
def test_what_is_no_message_is_named(given: object, pointer: str):
    with pytest.raises(ConversationUnreadable) as caught:
        conversation(given)
    assert caught.value.pointer == pointer


def test_the_question_is_what_the_user_said_last():
    assert last_question(conversation([user("a"), user("b"), {"role": "assistant", "content": "c"}])) == "b"
    assert last_question(conversation([{"role": "assistant", "content": "c"}])) == ""


def test_text_size_and_smallest_input_of_both_kinds():
    text, chat = Normalisation(text="q"), Normalisation(messages="m")
    assert (text.text_of({"q": "abc"}), text.size_of({"q": "abc"}), text.input_of("x")) == ("abc", 3, {"q": "x"})
    given = {"m": [user("ab"), {"role": "assistant", "content": "cde"}]}
    assert (chat.text_of(given), chat.size_of(given)) == ("ab", 5)
    assert chat.input_of("x") == {"m": [{"role": "user", "content": "x"}]}
