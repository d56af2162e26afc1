"""Which bytes do the events of today have? Rewrites the golden journals of the newest schema version from themselves.

Only while that version is not released: what was released once stays as it is for ever, and a change of the events
asks for a new version, whose journals begin as a copy of the ones before.
"""

from dataclasses import replace
from pathlib import Path

from leitstand.domain.event import SCHEMA_VERSION
from leitstand.encoding import decode_event, encode_event

EVENTS = Path(__file__).parents[1] / "tests" / "data" / "events"


def rewrite(folder: Path) -> None:
    """Write each journal of the folder as the program writes it now."""
    for journal in sorted(folder.glob("*.jsonl")):
        events = [decode_event(line) for line in journal.read_bytes().splitlines()]
        lines = [encode_event(replace(event, schema_version=SCHEMA_VERSION)) for event in events]
        journal.write_bytes(b"".join(line + b"\n" for line in lines))


if __name__ == "__main__":
    rewrite(EVENTS / f"v{SCHEMA_VERSION}")
