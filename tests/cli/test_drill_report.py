"""Is the report of a drill kept where the workflow lives, and shown on a page?"""

import json
from pathlib import Path
from urllib.request import Request, urlopen

from tests.cli.conftest import Leitstand
from tests.cli.test_roles import process

from leitstand.testing.ports import free_port


def page(address: str, language: str = "en") -> str:
    with urlopen(Request(address, headers={"Accept-Language": language}), timeout=30) as reply:
        return reply.read().decode()


def test_a_drill_is_kept_and_has_a_page(leitstand: Leitstand, tmp_path: Path) -> None:
    assert leitstand("init", "mine", "--lang", "en").code == 0
    port = free_port()
    with process(tmp_path, "serve", "mine", "--port", str(port), awaited=b"serves"):
        address = f"http://127.0.0.1:{port}"
        assert "No drill was run" in page(f"{address}/drill/mine")
        drilled = leitstand("drill", "mine", "--suite", "P1", "--data", "data", "--report", "out")
        assert drilled.code == 0, drilled.out + drilled.err
        report = json.loads((tmp_path / "out" / "drill.json").read_text())
        (scenario,) = report["scenarios"]
        shown = page(f"{address}/drill/mine")
        for expected in (report["release_digest"][:12], scenario["titles"]["en"], "1 of 1", 'id="P1"', "✓"):
            assert expected in shown
        assert "That is not the active release." not in shown
        assert scenario["titles"]["de"] in page(f"{address}/drill/mine", "de")
        runbook = page(f"{address}/runbook/mine", "de")
        assert 'href="/drill/mine#P1"' in runbook
        assert scenario["titles"]["de"] in runbook
        assert 'href="/drill/mine"' in page(address)
        assert f"passed: {scenario['titles']['en']}" in leitstand("runbook", "mine", "--data", "data").out
    assert leitstand("init", "stranger", "--lang", "en").code == 0
    assert leitstand("drill", "stranger", "--suite", "P1", "--data", "data").code == 0, "nobody keeps what nobody knows"
