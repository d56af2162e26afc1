"""How does a stored release become a workflow again, however old it is?

Nothing is judged here: the rules may have become stricter since, and a case keeps its release until it ends.
"""

import json
import tomllib
from collections.abc import Mapping

from leitstand.definition.convert import to_workflow
from leitstand.definition.read import WORKFLOW
from leitstand.domain.release import Release, release_digest
from leitstand.domain.workflow import Workflow

OLD_CLASSES = {"confidential": "secret"}
"""Data classes of old releases, and the one that keeps their data as close; it stays in the house."""

RESOLVED = ".resolved.json"
"""The workflow with the defaults of the day it was frozen, so that a later default changes no old release.

Hidden files of a folder are never part of a release, so no file of the operator's can have this name.
"""


def thaw(files: Mapping[str, bytes], index_id: str) -> Release:
    """The release that these files and this index id are, with its digest."""
    return Release(
        digest=release_digest(files, index_id), workflow=workflow_of(files), files=dict(files), index_id=index_id
    )


def workflow_of(files: Mapping[str, bytes]) -> Workflow:
    """The workflow as it was frozen; raises ``KeyError``, ``TypeError`` or ``ValueError`` for files of no release."""
    said = json.loads(files[RESOLVED]) if RESOLVED in files else tomllib.loads(files[WORKFLOW].decode("utf-8-sig"))
    if RESOLVED in files:  # what was frozen before there was the key made calls of unknown price
        said = {**said, "budget": {"unknown_price": "allow", **said["budget"]}}
    return to_workflow({**said, "data_class": OLD_CLASSES.get(said["data_class"], said["data_class"])})
