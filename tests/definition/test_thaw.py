import json
from pathlib import Path

from tests.definition.folders import KNOWN, valid

from leitstand.definition.read import read_files
from leitstand.definition.thaw import RESOLVED, thaw, workflow_of
from leitstand.domain.guardrail import Outcome
from leitstand.domain.price import Price
from leitstand.domain.zone import ZONES, ZonePolicy

STORED = Path(__file__).parents[1] / "data/releases/v1"
DIGEST = "0ef9e3700c46bcdb2d811462ccc3bcc46959c70fd3abddf4298e196376e0c14a"


def stored() -> dict[str, bytes]:
    return {path.relative_to(STORED).as_posix(): path.read_bytes() for path in STORED.rglob("*") if path.is_file()}


def test_a_release_of_the_first_day_can_be_read_for_ever():
    """These bytes never change; when this test fails, old cases could no longer be finished."""
    release = thaw(stored(), "index-1")
    assert release.digest == DIGEST
    workflow = release.workflow
    assert workflow.name == "letters"
    assert workflow.retrieval is not None
    assert workflow.retrieval.sources[0].path == "knowledge/*.md"
    assert workflow.draft.chain[0].price == Price(
        input_per_million=150_000_000, output_per_million=600_000_000, currency="EUR"
    )
    assert workflow.draft.chain[0].options == {"temperature": 0.2, "seed": 7, "stop": "END", "logprobs": False}
    assert workflow.checks[1].on_flagged is Outcome.ESCALATE
    assert workflow.delivery.url == "https://example.org/hook"
    assert workflow.baseline.minutes_per_case == 12.0


def test_rules_that_came_later_do_not_matter():
    """The folder would be refused today, the release is read all the same."""
    files = valid()
    data = json.loads(workflow_json(files))
    data |= {"name": "NOT ALLOWED TODAY", "risk_class": "abolished", "a_key_from_the_future": {"x": 1}}
    data["slo"]["target_percent"] = 700
    del data["delivery"]
    workflow = workflow_of({**files, RESOLVED: json.dumps(data).encode()})
    assert workflow.name == "NOT ALLOWED TODAY"
    assert workflow.slo.target_percent == 700
    assert workflow.delivery.kind == "caller"


def test_data_that_was_confidential_stays_in_the_house():
    """The class of before there were zones: its release thaws under the closest of those that it may have meant."""
    files = valid()
    data = json.loads(workflow_json(files)) | {"data_class": "confidential"}
    workflow = workflow_of({**files, RESOLVED: json.dumps(data).encode()})
    assert workflow.data_class == "secret"
    assert [zone for zone in ZONES if zone in ZonePolicy().table[workflow.data_class]] == ["local"]
    written = files["workflow.toml"].replace(f'"{data_class_of(files)}"'.encode(), b'"confidential"', 1)
    assert workflow_of({**files, "workflow.toml": written}).data_class == "secret"


def test_without_the_resolved_workflow_the_written_one_counts():
    files = valid()
    assert workflow_of(files) == read_files(files, KNOWN).workflow


def test_what_was_frozen_before_unknown_prices_were_refused_goes_on_asking():
    assert thaw(stored(), "index-1").workflow.budget.unknown_price == "allow"
    data = json.loads(workflow_json(valid()))
    assert workflow_of({RESOLVED: json.dumps(data).encode()}).budget.unknown_price == "refuse"


def data_class_of(files: dict[str, bytes]) -> str:
    return workflow_of(files).data_class


def workflow_json(files: dict[str, bytes]) -> bytes:
    from leitstand.definition.convert import to_json

    return to_json(workflow_of(files))
