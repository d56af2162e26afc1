"""What is said to a model when the input is a chat? What the workflow says first, then the caller's own messages."""

from collections.abc import Callable, Mapping

from jinja2 import meta

from leitstand.definition.prompt import Prompt, parts_of
from leitstand.definition.sandbox import Sandbox
from leitstand.domain.message import Message, conversation
from leitstand.domain.retrieval import Passage

Render = Callable[[Mapping[str, object], tuple[Passage, ...], str], tuple[Message, ...]]


def chat_render(prompt: Prompt, text: str, field: str) -> Render:
    """A function like ``Prompt.render`` for workflows whose input field ``field`` holds the messages.

    The system part of ``prompt.md`` goes in front as the first message; when it says nothing, nothing goes in front.
    The caller's messages are not marked as data: in a chat the caller is the one who instructs.
    """
    system, _ = parts_of(text)
    silent = not meta.find_undeclared_variables(Sandbox().parse(system)) and not prompt.system({}, (), "")

    def render(given: Mapping[str, object], passages: tuple[Passage, ...], language: str) -> tuple[Message, ...]:
        chat = conversation(given[field])
        if silent and not passages:
            return chat
        others = {name: value for name, value in given.items() if name != field}
        first = prompt.system(others, passages, language)
        return (Message(role="system", content=first), *chat) if first else chat

    return render
