"""Does the control room say how old its figures are, once they are held because counting is dear?"""

from pathlib import Path

import pytest
from tests.web.conftest import micros, serving

from leitstand.runtime import remembered
from leitstand.web import pages

FIVE_MINUTES = 300_000_000


async def test_the_control_room_says_how_old_held_figures_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = 0
    monkeypatch.setattr(remembered, "DEAR", float("inf"))
    async with serving(tmp_path, pages.routes(), clock=lambda: micros() + later) as served:

        async def shown(language: str) -> str:
            async with served.client.get("/", headers={"Accept-Language": language}) as reply:
                return await reply.text()

        assert "Counted" not in await shown("en")
        later = FIVE_MINUTES
        assert "Counted" not in await shown("en"), "cheap figures are counted anew"
        monkeypatch.setattr(remembered, "DEAR", 0.0)
        monkeypatch.setattr(remembered, "TIMES", 1_000_000)
        later = 2 * FIVE_MINUTES
        assert "Counted 5\N{NO-BREAK SPACE}min ago" in await shown("en")
        assert "Gezählt vor 5\N{NO-BREAK SPACE}min" in await shown("de")
