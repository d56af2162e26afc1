"""Which of the workflow's golden cases does it answer when all is well? Those are the load of the drill."""

import itertools
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from leitstand.assembly import assembled
from leitstand.domain.case import Status
from leitstand.domain.errors import OperatorError, translatable
from leitstand.domain.release import Release
from leitstand.drill.caller import call
from leitstand.drill.evidence import settled
from leitstand.drill.scenario import Load
from leitstand.drill.stage import Drilled, on_stage
from leitstand.settings import Settings

MOST_TRIED = 40
"""Golden cases that are tried."""

ENOUGH = 8
"""Inputs that a drill takes in turn."""


class NothingToDrill(OperatorError):
    """No golden case of the workflow is answered when all is well."""

    code = "nothing_to_drill"
    message = translatable("Of {count} golden cases in {path} none is delivered when all is well.")
    repair = translatable(
        "Add cases to `gold/` whose answer stands in the sources: a drill needs one that works before anything breaks."
    )


async def rehearsed(folder: Path, settings: Settings) -> Drilled:
    """The workflow in ``folder``, ready to be drilled on databases of its own.

    Raises ``ConfigurationInvalid`` and ``NothingToDrill``.
    """
    drilled = Drilled(release=await _frozen(folder, settings), settings=settings)
    tried = tuple(itertools.islice(_golden(drilled.release), MOST_TRIED))
    with tempfile.TemporaryDirectory(prefix="leitstand-drill-", ignore_cleanup_errors=True) as place:
        async with on_stage(drilled, (), Load(), Path(place)) as stage:
            said = await call(stage.door, tried, 8)
            cases = await settled(stage, said, 30.0)
    good = {case.case_id for case in cases if case.status is Status.DELIVERED and not case.fallback}
    inputs = [given for given, heard in zip(tried, said, strict=True) if heard.case_id in good]
    if not inputs:
        raise NothingToDrill(count=len(tried), path=folder)
    return replace(drilled, inputs=tuple(inputs[:ENOUGH]))


async def _frozen(folder: Path, settings: Settings) -> Release:
    """The release of the folder, its index built in the cache."""
    with tempfile.TemporaryDirectory(prefix="leitstand-drill-", ignore_cleanup_errors=True) as place:
        own = replace(settings, data=Path(place), database_url="")
        async with assembled(own, indexes=settings.cached_index_place) as system:
            return await system.add(folder, activate=False)


def _golden(release: Release) -> Iterator[Mapping[str, object]]:
    for name in sorted(release.files):
        if name.startswith("gold/") and name.endswith(".jsonl"):
            for line in release.files[name].decode("utf-8-sig").splitlines():
                if line.strip():
                    yield json.loads(line)["input"]
