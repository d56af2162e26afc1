"""Who is told of what was saved, and of what was answered?"""

import logging
from collections.abc import Sequence

from leitstand.ports import Change, Exporter
from leitstand.runtime.tally import SloOf, Tally

_log = logging.getLogger(__name__)


class Watch:
    """Counts, and tells every exporter; one that breaks is told nothing more, and never breaks a case."""

    def __init__(self, exporters: Sequence[Exporter] = (), slo_of: SloOf = lambda _: None) -> None:
        self.tally = Tally(slo_of)
        self.exporters = tuple(exporters)
        self._told = self.exporters

    def saved(self, change: Change) -> None:
        """Tell of a change that is durable."""
        self.tally.saved(change)
        for exporter in self._told:
            try:
                exporter.saved(change)
            except Exception:  # noqa: BLE001  whoever watches must not break what is watched
                _log.exception("exporter %s broke and is left out from now on", exporter.name)
                self._told = tuple(other for other in self._told if other is not exporter)

    async def close(self) -> None:
        """Let the exporters send what they still hold."""
        for exporter in self.exporters:
            await exporter.close()
