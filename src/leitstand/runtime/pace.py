"""Does an answer begin in time, and does it go on?"""

import asyncio
from collections.abc import Callable

from leitstand.domain.drafting import Target
from leitstand.domain.silence import silent_since


class Pace:
    """Ends the wait for an answer whose text does not begin, or does not go on, as its target asks for.

    One timer looks after all pieces: one for each would cost as much as the piece. ``late`` says what did not come.
    """

    def __init__(self, target: Target, limit: asyncio.Timeout, hear: Callable[[str], None] | None) -> None:
        self.late = ""
        self._first = target.first_token_seconds
        self._between = target.between_tokens_seconds
        self._limit = limit
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._begun = False
        self._timer = self._watch(self._first)

    def heard(self, text: str) -> None:
        """A piece came."""
        self._since = self._loop.time()
        if not self._begun:
            self._begun = True
            self.over()
            self._timer = self._watch(self._between)
        if self._hear:
            self._hear(text)

    def over(self) -> None:
        """Nothing more is waited for."""
        if self._timer:
            self._timer.cancel()

    def _watch(self, seconds: float | None) -> asyncio.TimerHandle | None:
        return self._loop.call_at(self._since + seconds, self._look, seconds) if seconds else None

    def _look(self, seconds: float) -> None:
        """End the wait when nothing came meanwhile; look again when something did, or may have come unheard."""
        self._since = silent_since(self._since, seconds, now := self._loop.time())
        if now < self._since + seconds:
            self._timer = self._watch(seconds)
            return
        what = "further" if self._begun else "first"
        self.late = f"no {what} token within {seconds:g} s"
        self._limit.reschedule(now)
