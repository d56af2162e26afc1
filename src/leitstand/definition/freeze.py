"""How does a workflow folder become an immutable release?

The release holds every file of the folder (``folder`` says which are left out), the workflow with all its defaults and
the prices of its models, and the digest of its index inputs. The same folder gives the same digest until a newer price
table has other prices for its models.
"""

from collections.abc import Callable
from pathlib import Path

from leitstand.definition.convert import to_json
from leitstand.definition.hooks import load_hooks
from leitstand.definition.price_table import with_prices
from leitstand.definition.read import ReadResult
from leitstand.definition.thaw import RESOLVED, thaw
from leitstand.definition.tool_contract import contract_of
from leitstand.domain.errors import ConfigurationInvalid
from leitstand.domain.release import Release
from leitstand.domain.retrieval import Passage
from leitstand.domain.workflow import Retrieval

IndexId = Callable[[tuple[Passage, ...], Retrieval], str]
"""Builds the index of these passages, or finds it, and names it by the digest of its inputs."""


def freeze(result: ReadResult, index_id: IndexId, path: Path | str = "") -> Release:
    """The release of a folder that was read without problems; its hooks have been loaded once to see that they do.

    Raises ``ConfigurationInvalid`` with every problem of ``result``, or with those of the hooks.
    """
    workflow = result.workflow
    if result.problems or workflow is None:
        raise ConfigurationInvalid(path=path, problems=result.problems)
    files = {**result.files, RESOLVED: to_json(with_prices(workflow))}
    release = thaw(files, index_id(result.passages, workflow.retrieval) if workflow.retrieval else "")
    hooks = load_hooks(files, release.digest, [tool.function for tool in workflow.tools])
    for tool in workflow.tools:
        contract_of(tool, files, hooks.functions)
    return release
