"""How is a soak told, as a page and as a picture?"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.ledgers import Verdict
from tests.soak.plan import SoakPlan
from tests.soak.samples import Series
from tests.soak.slopes import Trend, trend, warmed_up


@dataclass(kw_only=True)
class Outcome:
    """What a soak came to."""

    plan: SoakPlan
    rate: float
    capacity: float = 0.0
    seconds: float = 0.0
    settling: float = 0.0
    series: Series = field(default_factory=dict)
    delivered: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    verdict: Verdict | None = None
    missed: int = 0

    @property
    def trends(self) -> Mapping[str, Trend]:
        """Every series that has enough samples after the warm-up."""
        warm = {name: warmed_up(points) for name, points in sorted(self.series.items())}
        return {name: trend(points) for name, points in warm.items() if len(points) >= 3}

    @property
    def growing(self) -> list[str]:
        """The names of the series that grow."""
        return [name for name, line in self.trends.items() if line.grows]

    def text(self) -> str:
        """The report as a page of Markdown."""
        assert self.verdict
        verdict, plan = self.verdict, self.plan
        capacity = f", half of the {self.capacity:.0f} that a ramp reached" if self.capacity else ""
        lines = [
            f"# Soak on {plan.store}, {plan.minutes:g} minutes, seed {plan.seed}",
            "",
            f"- Rate: {self.rate:.1f} cases a second{capacity}; {len(plan.processes)} serving processes",
            f"- Lasted {self.seconds:.0f} s, of which {self.settling:.0f} s settling",
            f"- Cases acknowledged {verdict.acknowledged}, effects taken {verdict.effects}",
            f"- Deliveries repeated under their key {verdict.repeated_attempts}",
            f"- Ended: {_listed(self.statuses)}",
            f"- Samples that a process did not answer: {self.missed}",
            f"- Violations: {len(verdict.violations)}",
            *(f"  - {violation}" for violation in verdict.violations[:20]),
            f"- Growing: {', '.join(self.growing) or 'nothing'}",
            "",
            "| Series | n | Start | End | Slope an hour | 95 % interval | Verdict |",
            "| --- | ---: | ---: | ---: | ---: | --- | --- |",
            *(_row(name, line) for name, line in self.trends.items()),
            "",
            "| Delivered | Times |",
            "| --- | ---: |",
            *(f"| {kind} | {count} |" for kind, count in sorted(self.delivered.items())),
        ]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """The page and the picture into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "soak.md").write_text(self.text())
        draw(self.series, folder / "soak.svg")


def _row(name: str, line: Trend) -> str:
    numbers = f"{line.samples} | {line.start:.1f} | {line.end:.1f} | {line.slope:+.2f}"
    return f"| {name} | {numbers} | {line.low:+.2f} to {line.high:+.2f} | {'grows' if line.grows else 'flat'} |"


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))


def draw(series: Series, file: Path) -> None:
    """One small picture for each kind of number, a line for each process."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    kinds = sorted({name.split(": ", 1)[1] for name in series})
    figure, axes = pyplot.subplots(len(kinds), 1, sharex=True, figsize=(8, 1.8 * len(kinds)), squeeze=False)
    for kind, plot in zip(kinds, axes[:, 0], strict=True):
        for name in sorted(name for name in series if name.endswith(f": {kind}")):
            plot.plot([at / 60 for at, _ in series[name]], [value for _, value in series[name]], label=name)
        plot.set_ylim(bottom=0)
        plot.legend(loc="lower right", fontsize="small")
    axes[-1, 0].set_xlabel("minutes")
    figure.tight_layout()
    figure.savefig(file)
    pyplot.close(figure)
