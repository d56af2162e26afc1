"""How does something that happened get into the journal of a case? Here, and nowhere else."""

from collections.abc import Callable, Mapping

from leitstand import __version__
from leitstand.domain.case import Case, after, begin
from leitstand.domain.event import Actor, Body, Event
from leitstand.encoding import canonical, commitment, new_salt
from leitstand.ports import Change, Content, Effect
from leitstand.runtime.parts import Parts

RUNTIME = Actor(kind="system", id="runtime")


class Journal:
    """The journal of one case, open for writing under the epoch that this process holds.

    ``note`` folds an event into ``case`` in memory; ``save`` makes everything noted durable in one write. Cheap
    steps are only noted and ride along with the next save; whoever is about to spend or to act outside saves first.
    ``kept`` says that this process goes on with the case after a save. ``saved`` is called after the first one; until
    then, no step rides along.
    """

    def __init__(
        self, parts: Parts, case: Case, *, kept: bool = True, saved: Callable[[str], None] | None = None
    ) -> None:
        self.case = case
        self._kept = kept
        self._after = saved
        self._parts = parts
        self._saved = case.seq
        self._events: list[Event] = []
        self._contents: list[Content] = []
        self._effects: list[Effect] = []

    @property
    def is_watched(self) -> bool:
        """Whether somebody waits for the first save."""
        return self._after is not None

    def note(self, body: Body, contents: Mapping[str, object] | None = None, actor: Actor = RUNTIME) -> Case:
        """Fold one event in; ``contents`` are plain data by name."""
        sealed = seal_contents(contents) if contents else ()
        event = new_event(self.case, body, sealed, actor, self._parts.clock())
        self.case = after(self.case, event)
        self._events.append(event)
        self._contents.extend(sealed)
        return self.case

    def expect(self, effect: Effect) -> None:
        """Put an outward effect into the outbox, or mark it done, with the next save."""
        self._effects.append(effect)

    async def save(self) -> None:
        """Make everything noted durable; raises ``LeaseLost`` when the case moved on without us."""
        if not self._events:
            return
        change = Change(
            case=self.case,
            events=tuple(self._events),
            contents=tuple(self._contents),
            effects=tuple(self._effects),
            kept=self._kept,
        )
        await self._parts.cases.append(change, due_to=self._saved)
        self._parts.watch.saved(change)
        self._saved = self.case.seq
        self._events, self._contents, self._effects = [], [], []
        if self._after:
            self._after(self.case.case_id)
            self._after = None


def seal_contents(contents: Mapping[str, object]) -> tuple[Content, ...]:
    """Contents as canonical bytes, each with a fresh salt."""
    return tuple(Content(name=name, salt=new_salt(), payload=canonical(value)) for name, value in contents.items())


def new_event(case: Case, body: Body, contents: tuple[Content, ...], actor: Actor, at: int) -> Event:
    """The next event of ``case``."""
    return Event(
        tenant_id=case.tenant_id,
        case_id=case.case_id,
        seq=case.seq + 1,
        epoch=case.epoch,
        at=at,
        actor=actor,
        release_digest=case.release_digest,
        runtime_version=__version__,
        body=body,
        commitments={content.name: commitment(content.salt, content.payload) for content in contents},
    )


def first_change(opening: Case, body: Body, actor: Actor, contents: Mapping[str, object], *, kept: bool) -> Change:
    """What has to be stored to accept a case; ``opening`` carries its ids, release and time, and no event yet."""
    sealed = seal_contents(contents)
    event = new_event(opening, body, sealed, actor, opening.accepted_at)
    return Change(case=begin(event), events=(event,), contents=sealed, kept=kept)
