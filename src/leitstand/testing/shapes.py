"""How is something that a service sends written down, with what its official client and our provider make of it?

The lists are in ``shapes_chat``, ``shapes_responses`` and ``shapes_messages``; ``docs/reference/model-shapes.md`` is
made of them. Every shape is replayed by the fault server. The client of the service is asked first: that it understands
shows that the shape is the service's. Then our provider is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from leitstand.testing.faults import Behaviour

Api = Literal["chat", "responses", "messages"]
Row = tuple[str, str, Behaviour, str, str]
"""Name, what is sent, the behaviour that sends it, what the client makes of it, what we make of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """Something a service sends.

    ``client`` is the name of the error that the official client raises, or the finish reason that it returns,
    ``nothing`` for none. ``ours`` is ``answer:`` and its finish reason, or the kind of the failure, with ``may pass``
    when the same request may succeed later. The provider is asked for a stream when the shape is one.
    """

    api: Api
    streamed: bool
    name: str
    what: str
    behaviour: Behaviour
    client: str
    ours: str

    @property
    def id(self) -> str:
        """Name of the shape among all, as the test's parameter is called."""
        return f"{self.api}-{'stream-' if self.streamed else ''}{self.name}"


def shapes(api: Api, rows: Iterable[Row], *, streamed: bool = False) -> tuple[Shape, ...]:
    """A list of shapes of one API."""
    return tuple(
        Shape(api=api, streamed=streamed, name=name, what=what, behaviour=behaviour, client=client, ours=ours)
        for name, what, behaviour, client, ours in rows
    )
