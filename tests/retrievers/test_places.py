"""Is a release the same wherever its index is kept, and is its index made anew where it is missing?"""

import json
import os
import subprocess
import sys

import pytest

from leitstand.assembly import read_folder
from leitstand.definition.freeze import freeze
from leitstand.definition.scaffold import scaffold
from leitstand.domain.retrieval import Query
from leitstand.installer import Installer
from leitstand.ports import IndexPlace
from leitstand.transports.aiohttp import AiohttpTransport

QUESTION = Query(text="How long may I return shoes?", language="en", limit=3)
MADE = "SELECT to_regclass('leitstand_index.indexes') IS NOT NULL"


@pytest.fixture
def workflow(tmp_path):
    def made(retriever):
        folder = tmp_path / retriever
        scaffold(folder, "answer", "en", "shop")
        file = folder / "workflow.toml"
        file.write_text(file.read_text().replace("[retrieval]\n", f'[retrieval]\nretriever = "{retriever}"\n'))
        return folder

    return made


def test_a_run_that_keeps_no_case_leaves_its_index_in_the_database_and_nothing_else(
    workflow, tmp_path, postgres_server, postgres_database
):
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps({"question": "How long may I return shoes?"}) + "\n")
    environment = {
        "PATH": os.defpath,
        "LEITSTAND_DATABASE_URL": postgres_database,
        "LEITSTAND_CACHE": str(tmp_path / "cache"),
    }
    command = [sys.executable, "-m", "leitstand.cli", "run", str(workflow("postgres")), "-i", str(cases)]
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    name = postgres_database.rsplit("/", 1)[-1]
    listed = "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    assert postgres_server.sql(listed, database=name) == "leitstand_index"
    assert postgres_server.sql("SELECT passages > 0 FROM leitstand_index.indexes", database=name) == "t"


@pytest.mark.parametrize("retriever", ["sqlite", "postgres", "qdrant"])
async def test_a_release_is_installed_where_nothing_is_yet_and_found_there(
    retriever, workflow, tmp_path, postgres_server
):
    folder = workflow(retriever)
    urls = [postgres_server.database() for _ in range(2)]
    releases, answers = [], []
    for number, url in enumerate(urls):
        place = IndexPlace(folder=tmp_path / f"indexes{number}", database_url=url)
        installer = Installer(place, AiohttpTransport())
        releases.append(freeze(read_folder(folder), installer.index_id, folder))
        answers += [(await installer.install(releases[0])).retriever.search(QUESTION) for _ in range(2)]
    assert releases[0].digest == releases[1].digest
    assert answers == [answers[0]] * 4
    assert answers[0][0].passage.source.endswith("returns.md")
    made = [postgres_server.sql(MADE, database=url.rsplit("/", 1)[-1]) for url in urls]
    assert made == (["t", "t"] if retriever == "postgres" else ["f", "f"])
    for url in urls:
        postgres_server.drop(url)
