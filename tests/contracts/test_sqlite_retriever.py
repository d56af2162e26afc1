"""Does the retriever in SQLite files keep the contract?"""

import pytest

from leitstand.ports import IndexPlace
from leitstand.testing.retriever_contract import RetrieverContract, SharedIndexContract


class TestSqlite(RetrieverContract, SharedIndexContract):
    kind = "sqlite"

    @pytest.fixture
    def place(self, tmp_path):
        return IndexPlace(folder=tmp_path)
