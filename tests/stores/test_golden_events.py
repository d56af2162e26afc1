"""Does every journal ever written still read, fold and keep its bytes? The golden ones stay as they are for ever."""

import json
from pathlib import Path

import pytest

from leitstand.domain.case import fold
from leitstand.domain.event import BODIES, SCHEMA_VERSION
from leitstand.encoding import decode_event, encode_event
from leitstand.stores.case_rows import to_row

EVENTS = Path(__file__).parents[1] / "data" / "events"
JOURNALS = sorted(EVENTS.glob("v*/*.jsonl"))
NEWEST = [journal for journal in JOURNALS if journal.parent.name == f"v{SCHEMA_VERSION}"]


def names(journals):
    return [str(journal.relative_to(EVENTS)) for journal in journals]


@pytest.mark.parametrize("journal", JOURNALS, ids=names(JOURNALS))
def test_a_golden_journal_folds_to_the_case_it_was(journal):
    row = to_row(fold(decode_event(line) for line in journal.read_bytes().splitlines()))
    row |= {name: json.loads(str(row[name])) for name in ("reasons", "done", "attempts")}
    expected = json.loads(journal.with_suffix(".case.json").read_bytes())
    known = [attempt.keys() for attempt in expected["attempts"]]
    row["attempts"] = [
        {name: attempt[name] for name in keys} for attempt, keys in zip(row["attempts"], known, strict=True)
    ]
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("journal", NEWEST, ids=names(NEWEST))
def test_a_golden_event_of_today_keeps_its_bytes(journal):
    for line in journal.read_bytes().splitlines():
        assert encode_event(decode_event(line)) == line
        assert json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == line
        assert json.loads(line, parse_float=lambda number: pytest.fail(f"a float in an event: {number}"))


def test_there_is_a_golden_event_of_every_type_and_schema_version():
    versions = {f"v{version}" for version in range(1, SCHEMA_VERSION + 1)}
    assert {journal.parent.name for journal in JOURNALS} == versions
    types = {json.loads(line)["type"] for journal in NEWEST for line in journal.read_bytes().splitlines()}
    assert types == set(BODIES)
