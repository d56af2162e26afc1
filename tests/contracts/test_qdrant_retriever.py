"""Does the retriever in Qdrant keep the contract? In its local mode, which one process has to itself."""

import pytest

from leitstand.ports import IndexPlace
from leitstand.testing.retriever_contract import RetrieverContract


class TestQdrant(RetrieverContract):
    kind = "qdrant"

    @pytest.fixture
    def place(self, tmp_path):
        return IndexPlace(folder=tmp_path)
