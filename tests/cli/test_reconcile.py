"""Is a provider's invoice read in the shapes that there are, and laid beside what the journals say?"""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.acceptance.test_budgets import workflow
from tests.web.processes import leitstand

from leitstand.cli.invoice import read_invoice
from leitstand.domain.errors import RequestMalformed
from leitstand.domain.reconcile import Amount
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer

OPENAI = {
    "object": "page",
    "data": [
        {
            "object": "bucket",
            "start_time": 1_732_579_200,
            "end_time": 1_732_665_600,
            "results": [
                {"amount": {"value": 0.06, "currency": "usd"}, "line_item": "gpt-4o-2024-08-06, input"},
                {"amount": {"value": 1.5, "currency": "usd"}, "line_item": "gpt-4o-2024-08-06, output"},
            ],
        }
    ],
}
ANTHROPIC = {
    "data": [
        {
            "starting_at": "2026-11-26T00:00:00Z",
            "ending_at": "2026-11-27T00:00:00Z",
            "results": [{"currency": "USD", "amount": "123.78", "model": "claude-sonnet-4-5"}],
        }
    ],
    "has_more": False,
}


def row(day: str, model: str, nanos: int, currency: str = "USD") -> Amount:
    return Amount(day=day, model=model, currency=currency, nanos=nanos)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("day,model,cost,currency\n2026-11-26,m,1.5,EUR\n", [row("2026-11-26", "m", 1_500_000_000, "EUR")]),
        ("date,line_item,amount_value\n2026-11-26,m,0.000000001\n", [row("2026-11-26", "m", 1)]),
        (json.dumps([{"day": "2026-11-26", "model": "m", "cost": 2}]), [row("2026-11-26", "m", 2_000_000_000)]),
        (
            json.dumps(OPENAI),
            [
                row("2024-11-26", "gpt-4o-2024-08-06", 60_000_000),
                row("2024-11-26", "gpt-4o-2024-08-06", 1_500_000_000),
            ],
        ),
        (json.dumps(ANTHROPIC), [row("2026-11-26", "claude-sonnet-4-5", 1_237_800_000)]),
    ],
    ids=["csv", "csv of others", "json", "openai", "anthropic"],
)
def test_each_shape_of_an_invoice_is_read(tmp_path, text, amounts):
    path = tmp_path / "invoice"
    path.write_text(text, encoding="utf-8")
    assert list(read_invoice(path)) == amounts


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "holds no amounts"),
        ("day,model\n2026-11-26,m\n", "row 1 has none of cost"),
        ("day,model,cost\n2026-11-26,m,much\n", "'much' is no amount"),
        ("day,model,cost\nyesterday,m,1\n", "'yesterday' is no day"),
        ("day,model,cost\n2026-11-26,m,nan\n", "'nan' is no amount"),
        ("{", "is not JSON"),
        ("[3]", "holds 3 where a row should be"),
        ('{"data": 3}', "row 1 has none of day"),
    ],
)
def test_a_file_that_is_no_invoice_is_refused_with_the_place(tmp_path, text, named):
    path = tmp_path / "invoice"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RequestMalformed, match=named):
        read_invoice(path)


def test_the_command_lays_both_beside_each_other(tmp_path: Path) -> None:
    cases, data, invoice = tmp_path / "cases.jsonl", tmp_path / "data", tmp_path / "invoice.csv"
    cases.write_text("".join(json.dumps({"question": "When?", "number": number}) + "\n" for number in range(3)))
    answer = json.dumps({"answer": "The harbour closes at 18 o'clock [1].", "answered": True, "citations": [1]})
    with FaultServer(faults.good(answer, output_tokens=1000)) as model:
        folder = workflow(tmp_path / "chaos", model)
        subprocess.run(
            leitstand("run", folder, "-i", cases, "--data", data), check=True, capture_output=True, timeout=60
        )
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    for billed, code in (("3.00", 0), ("3.10", 10)):
        invoice.write_text(f"day,model,cost,currency\n{today},fault-model,{billed},EUR\n")
        command = leitstand("reconcile", "--invoice", invoice, "--data", data, "--json")
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode == code, ran.stderr
        (found,) = json.loads(ran.stdout)
        assert (found["recorded"], found["model"], found["unknown_calls"]) == ("3", "fault-model", 0)
