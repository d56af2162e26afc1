"""How does one chat completion get from the case that it opened to what its caller is told?"""

import asyncio
from dataclasses import dataclass

from leitstand.domain.case import RUNNABLE, Case, CaseSummary, Status
from leitstand.domain.event import ModelCallFinished
from leitstand.encoding import plain
from leitstand.runtime.listen import Listener
from leitstand.runtime.parts import Installed
from leitstand.web.api.lookup import find_case, rested
from leitstand.web.api.openai.chat_request import ChatRequest
from leitstand.web.api.openai.settled import Settled, Told, told
from leitstand.web.chat_refusals import CaseHeld
from leitstand.web.replies import Header
from leitstand.web.serving import Serving


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One request under way: what was asked, and the case that it opened or found.

    ``here`` says that the case runs in this process and that ``listener`` hears it; ``over`` is the timer that ends
    the listening, and so all waiting, with one timer for every piece of an answer.
    """

    serving: Serving
    installed: Installed
    asked: ChatRequest
    summary: CaseSummary
    listener: Listener
    here: bool
    language: str
    over: asyncio.TimerHandle

    @property
    def lets_through(self) -> bool:
        """Whether the answer leaves while it comes; from a case that runs elsewhere or ran before it is told whole."""
        return self.listener.eager and self.here

    def headers(self) -> list[Header]:
        """Which case answers."""
        case = [(b"leitstand-case", self.summary.case.case_id.encode())]
        return [*case, (b"idempotency-replayed", b"true")] if self.summary.repeated else case

    def leave(self) -> None:
        """Nobody listens any more; the case does not notice."""
        self.over.cancel()
        if self.here:
            self.serving.parts.listeners.drop(self.summary.case.case_id)

    def heed(self, case: Case) -> None:
        """Raise ``CaseHeld`` when the case cannot go on because of a stop."""
        if case.status in RUNNABLE and self.serving.parts.stops.on_workflow(case.tenant_id, case.workflow):
            raise CaseHeld(case_id=case.case_id)

    async def answer(self) -> Told:
        """The answer once the case is at rest; raises what ``told`` raises."""
        case = await self.listener.rest() if self.here else None
        if case is not None:
            installed = self.installed
            settled = Settled(case=case, output=self.listener.output, call=self.listener.call)
        else:
            settled = await self._stored()
            found = settled.case
            installed = await self.serving.parts.installations.by_digest(found.tenant_id, found.release_digest)
        return told(settled, installed, self.language, whole_output=self.asked.whole_output)

    async def _stored(self) -> Settled:
        """The case as the store has it, for one that did not come to rest here, or long ago."""
        now = await find_case(self.serving, self.summary.case.case_id)
        left = self.over.when() - asyncio.get_running_loop().time()
        found = await rested(self.serving, now, max(int(left), 0))
        case = found.summary.case
        self.heed(case)
        if case.status is not Status.DELIVERED:
            return Settled(case=case, output=None, call=None)
        output = found.output
        if output is None:
            stored = await self.serving.parts.cases.contents(case.tenant_id, case.case_id, (case.output,))
            output = stored.get(case.output)
        events = await self.serving.parts.cases.events(case.tenant_id, case.case_id)
        calls = [event.body for event in events if isinstance(event.body, ModelCallFinished) and not event.body.error]
        return Settled(case=case, output=plain(output) if output else None, call=calls[-1] if calls else None)
