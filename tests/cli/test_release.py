"""Does a release show how good each level of its chain is, how it was used, and why the first was left?"""

import re
from pathlib import Path

from tests.cli.conftest import Leitstand
from tests.cli.test_roles import ask, process

from leitstand.testing.ports import free_port

AWAY = """[[draft.chain]]
provider = "openai_compatible"
model = "away"
base_url = "http://127.0.0.1:{port}/v1"
retries = 0
price = {{ input_per_million = 0, output_per_million = 0, currency = "EUR" }}

"""

QUOTING = '[[draft.chain]]\nprovider = "extractive"'


def test_levels_stand_with_their_scores_beside_their_use(leitstand: Leitstand, tmp_path: Path) -> None:
    assert leitstand("init", "mine", "--lang", "en").code == 0
    definition = tmp_path / "mine" / "workflow.toml"
    text = definition.read_text()
    assert leitstand("release", "add", "mine", "--data", "data").code == 0
    definition.write_text(text.replace(QUOTING, AWAY.format(port=free_port()) + QUOTING, 1))
    digest = leitstand("release", "add", "mine", "--activate", "--data", "data").out.strip()
    fresh = leitstand("release", "show", digest[:12], "--data", "data")
    assert re.search(r"1 away +unknown +unknown\n2 extractive +unknown +unknown\n", fresh.out), fresh.out
    port = free_port()
    with process(tmp_path, "serve", "--data", "data", "--port", str(port), awaited=b"serves"):
        address = f"http://127.0.0.1:{port}/v1/workflows/mine/cases?wait=30"
        for _ in range(2):
            assert ask(address, {"input": {"question": "When do you open on Saturdays?"}})[0] == 201
        listed = leitstand("release", "list", "--data", "data", "--json").data
        assert [(row["answered"], row["fallbacks"]) for row in listed] == [(2, 2), (0, 0)]
        assert leitstand("check", "mine", "--gold", "--data", "data").code == 0
        shown = leitstand("release", "show", digest[:12], "--data", "data", "--json").data
        away, quoting = shown["levels"]
        assert (away["model"], away["answers"], away["gold"]) == ("away", 0, {"n": 4, "passed": 0})
        assert (quoting["answers"], quoting["gold"]["n"]) == (2, 4)
        assert quoting["gold"]["passed"] > 0
        assert (shown["without_draft"], shown["left_because"]) == (0, {"unreachable": 2})
        told = leitstand("release", "show", digest[:12], "--data", "data").out
        assert re.search(r"1 away +0% \(0 of 4\) +0% \(0 of 2\)\n", told), told
        assert re.search(r"not reachable +100% \(2 of 2\)\n", told), told
        table = leitstand("release", "list", "--data", "data", language="de").out
        assert "100\N{NARROW NO-BREAK SPACE}% (2 von 2)" in table
        assert "unbekannt" in table
    astray = leitstand("release", "show", "nonesuch", "--data", "data")
    assert (astray.code, "nonesuch" in astray.err) == (4, True)
