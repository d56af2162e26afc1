"""Does the retriever in PostgreSQL keep the contract?"""

import pytest

from leitstand.ports import IndexPlace
from leitstand.testing.retriever_contract import RetrieverContract, SharedIndexContract


class TestPostgres(RetrieverContract, SharedIndexContract):
    kind = "postgres"

    @pytest.fixture
    def place(self, tmp_path, postgres_database):
        return IndexPlace(folder=tmp_path, database_url=postgres_database)
