"""What do the commands say to what they cannot use, and with which exit code?"""

from pathlib import Path

import pytest
from tests.cli.conftest import Leitstand


@pytest.fixture
def mine(leitstand: Leitstand) -> str:
    """A workflow folder."""
    assert leitstand("init", "mine", "--lang", "en").code == 0
    return "mine"


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("check", "nowhere"), 3, "nowhere"),
        (("run", "nowhere", "-i", "-"), 3, "nowhere"),
        (("serve", "--host", "0.0.0.0"), 3, "0.0.0.0"),
        (("serve", "--port", "99999"), 3, "99999"),
        (("case", "show", "7"), 15, "leitstand.db"),
        (("release", "activate", "abc"), 4, "abc"),
        (("case", "list", "--status", "dancing"), 2, "dancing"),
        (("dance",), 2, "dance"),
        (("init", "x", "--template", "poem"), 2, "poem"),
    ],
)
def test_a_clear_answer_and_a_settled_exit_code(
    leitstand: Leitstand, arguments: tuple[str, ...], code: int, named: str
) -> None:
    said = leitstand(*arguments)
    assert said.code == code, said.err
    assert named in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (b"{", "-:1"),
        (b"[1, 2]", "-:1"),
        (b'{"question": "a"}\nnonsense\n', "-:2"),
        (b'{"question": 5}', "/question"),
        (b'{"question": "a", "colour": "red"}', "colour"),
        (b"{}", "question"),
    ],
)
def test_input_that_is_no_case_is_named(leitstand: Leitstand, mine: str, given: bytes, named: str) -> None:
    said = leitstand("run", mine, "-i", "-", given=given)
    assert said.code == 2, said.err
    assert named in said.err
    assert "Traceback" not in said.err


def test_binary_and_missing_files_are_named(leitstand: Leitstand, mine: str, tmp_path: Path) -> None:
    (tmp_path / "binary.jsonl").write_bytes(bytes(range(256)))
    for name in ("binary.jsonl", "missing.json"):
        said = leitstand("run", mine, "-i", name)
        assert said.code == 2
        assert name in said.err
        assert "Traceback" not in said.err


def test_a_database_that_is_none(leitstand: Leitstand, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "leitstand.db").write_bytes(b"this is no database" * 500)
    for arguments in (("case", "list"), ("release", "list"), ("export",)):
        said = leitstand(*arguments, "--data", "data")
        assert said.code == 15, said.err
        assert "leitstand.db" in said.err
        assert "Traceback" not in said.err
    assert leitstand("doctor", "--data", "data").code == 15
