"""Does the runbook say what is so now, and what is not known?"""

import json
from pathlib import Path

from tests.chaos.plan import free_port
from tests.cli.conftest import Leitstand
from tests.cli.test_roles import ask, process

from leitstand.domain.runbook import STEPS


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
        assert "Unknown: leitstand check DIR --gold" in told.out
        assert "Something wrong was delivered" in told.out
        assert "Tell the domain owner, and add the case to `gold/`" in told.out, "what people wrote stands beside it"
        assert leitstand("check", "mine", "--gold", "--data", "data").code == 0
        assert "(n = 4)" in leitstand("runbook", "mine", "--data", "data").out
        stop = ("stop", "--workflow", "mine", "--reason", "Smoke", "--as", "Anna", "--data", "data")
        assert leitstand(*stop).code == 0
        assert "(Smoke)" in leitstand("runbook", "mine", "--data", "data").out
        german = leitstand("runbook", "mine", "--data", "data", language="de").out
        assert german.startswith("# Betriebsanleitung: mine")
        unknown = leitstand("runbook", "none", "--data", "data")
        assert unknown.code == 4
        assert json.dumps("mine")[1:-1] in unknown.err
