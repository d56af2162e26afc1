"""How is the trail of a case shown on a terminal?"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click

from leitstand.domain.event import Event
from leitstand.encoding import canonical


def print_trail(events: Sequence[Event], *, details: bool) -> None:
    """One line an event: when, what, by whom, the gist; with ``details`` its whole body as JSON."""
    for event in events:
        at = datetime.fromtimestamp(event.at / 1e6, UTC).strftime("%H:%M:%S.%f")[:-3]
        gist = canonical(event.body).decode() if details else _gist(event)
        click.echo(f"{at}  {event.type:<22} {event.actor.kind:<7} {gist}".rstrip())


def _gist(event: Event) -> str:
    """The fields that fit on a line: short values, and lists by their length or as words."""
    words = []
    for name, value in asdict(event.body).items():
        if name == "verdicts":
            words += [f"{verdict['guard']}={verdict['verdict']}" for verdict in value]
        elif name == "passages":
            words += [passage["source"] for passage in value[:3]]
        elif name.endswith("_at") and value:
            words.append(f"{name}={datetime.fromtimestamp(value / 1e6, UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}")
        elif name == "duration":
            words.append(f"{value / 1000:.1f} ms")
        elif value not in (None, "", (), False) and name not in ("index_id", "draft_commitment", "key"):
            words.append(f"{name}={','.join(map(str, value)) if isinstance(value, tuple) else value}")
    return " ".join(words)
