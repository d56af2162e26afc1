"""Does the runbook say what is so now, and what is not known?"""

import json
import re
from pathlib import Path
from urllib.request import urlopen

import yaml
from tests.cli.conftest import Leitstand
from tests.cli.test_roles import ask, process

from leitstand.domain.runbook import STEPS
from leitstand.testing.ports import free_port

ALERTS = Path(__file__).parents[2] / "deploy" / "prometheus" / "alerts.yaml"


def every_alert_leads_to_its_step(address: str) -> None:
    """What a browser shows behind the link of each alert, when the workflow is called ``mine``."""
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    assert len(rules) > 15
    for rule in rules:
        link = rule["annotations"]["runbook_url"].replace("{{ $externalLabels.leitstand }}", address)
        page, _, anchor = link.replace("{{ $labels.workflow }}", "mine").partition("#")
        with urlopen(page, timeout=30) as reply:
            assert reply.url == f"{address}/runbook/mine"
            assert f'id="{anchor}"' in reply.read().decode(), rule["alert"]


def test_a_runbook_is_made_of_the_release_and_of_this_moment(leitstand: Leitstand, tmp_path: Path) -> None:
    assert leitstand("init", "mine", "--lang", "en").code == 0
    port = free_port()
    with process(tmp_path, "serve", "mine", "--port", str(port), awaited=b"serves"):
        address = f"http://127.0.0.1:{port}/v1/workflows/mine/cases?wait=30"
        assert ask(address, {"input": {"question": "When do you open on Saturdays?"}})[0] == 201
        told = leitstand("runbook", "mine", "--data", "data")
        assert told.code == 0, told.err
        assert all(f'<a id="{step.anchor}"></a>' in told.out for step in STEPS)
        assert "No drill was run" in told.out
        assert "bytes free where the data is: unknown" not in told.out
        assert "cases that may wait: 10,000" in told.out
        assert "drafts: 1 first model; 0 fallback; 0 no draft" in told.out
        assert "why the first model was left: 0" in told.out
        every_alert_leads_to_its_step(f"http://127.0.0.1:{port}")
        assert "Unknown: leitstand check DIR --gold" in told.out
        assert "Something wrong was delivered" in told.out
        assert "Tell the domain owner, and add the case to `gold/`" in told.out, "what people wrote stands beside it"
        assert leitstand("check", "mine", "--gold", "--data", "data").code == 0
        assert "(n = 4)" in leitstand("runbook", "mine", "--data", "data").out
        stop = ("stop", "--workflow", "mine", "--reason", "Smoke", "--as", "Anna", "--data", "data")
        assert leitstand(*stop).code == 0
        assert "(Smoke)" in leitstand("runbook", "mine", "--data", "data").out
        assert leitstand("runbook", "mine", "--data", "data", "--html", "out.html").out == ""
        page = (tmp_path / "out.html").read_text(encoding="utf-8")
        assert page.startswith("<!doctype html>")
        assert all(f'id="{step.anchor}"' in page for step in STEPS)
        assert not re.findall(r'(?:href|src)="(?!#)', page), "it needs nothing but itself"
        astray = leitstand("runbook", "mine", "--data", "data", "--html", "none/out.html")
        assert (astray.code, "none/out.html" in astray.err, "Traceback" in astray.err) == (2, True, False)
        german = leitstand("runbook", "mine", "--data", "data", language="de").out
        assert german.startswith("# Betriebsanleitung: mine")
        assert "Entwürfe: 1 erstes Modell; 0 Rückfallebene; 0 kein Entwurf" in german
        assert "Fälle, die warten dürfen: 10.000" in german
        unknown = leitstand("runbook", "none", "--data", "data")
        assert unknown.code == 4
        assert json.dumps("mine")[1:-1] in unknown.err
