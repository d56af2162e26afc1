"""How long is a soak, at which load, and how often does which harm come?"""

from dataclasses import dataclass

from tests.chaos.plan import Plan

from leitstand.testing.ports import free_port

ENDLESS = 10**9
"""Cases that the clients may ask for; the clock ends a soak."""


@dataclass(frozen=True, kw_only=True)
class SoakPlan(Plan):
    """``rate`` is cases a second; 0 measures what the machine can and takes half of it."""

    store: str = "postgres"
    cases: int = ENDLESS
    minutes: float = 30.0
    rate: float = 0.0
    share: float = 0.1
    """Of what is asked of the model and the receiver, this share is answered wrong, late or not at all."""

    @property
    def seconds(self) -> float:
        """How long the load lasts."""
        return self.minutes * 60

    @property
    def processes(self) -> tuple[tuple[str, int], ...]:
        """Every process answers and works; an SQLite file has one."""
        names = ("one",) if self.store == "sqlite" else ("one", "two")
        return tuple((name, free_port()) for name in names)

    @property
    def between_samples(self) -> float:
        """Seconds; a short run is sampled more often."""
        return min(30.0, self.seconds / 20)

    @property
    def rest(self) -> float:
        """Seconds before each sample in which no case is opened: what is there then is not there for a case."""
        return self.between_samples / 5

    def busy(self, passed: float) -> float:
        """How many of the seconds that passed were no rest."""
        rounds, within = divmod(passed, self.between_samples)
        return rounds * (self.between_samples - self.rest) + min(within, self.between_samples - self.rest)

    def every(self, seconds: float) -> float:
        """The pause of a harm that is to come every so many seconds, and at least four times in a short run."""
        return min(seconds, self.seconds / 5)
