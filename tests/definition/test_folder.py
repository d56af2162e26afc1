import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.definition.folders import KNOWN

from leitstand.definition.folder import LARGEST_FILE, collect
from leitstand.definition.read import read
from leitstand.definition.scaffold import scaffold


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scaffold(tmp_path / "shop", "answer", "en", "shop")
    return tmp_path / "shop"


def said(folder: Path) -> str:
    return " | ".join(problem.text() for problem in read(folder, KNOWN).problems)


def test_a_scaffold_on_disk_is_fine(folder: Path):
    result = read(folder, KNOWN)
    assert result.problems == ()
    assert result.workflow is not None
    assert {passage.source for passage in result.passages} == {"knowledge/opening-hours.md", "knowledge/returns.md"}


def test_what_cannot_change_an_answer_is_left_out(folder: Path):
    before = collect(folder)
    for name in (".git/config", ".hidden", "__pycache__/hooks.pyc", "prompt.md~", "x.swp", "x.bak", "#x#", "Thumbs.db"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    assert collect(folder) == before
    (folder / "notes.txt").write_bytes(b"x")
    assert collect(folder) != before


def test_no_folder(tmp_path: Path):
    assert "There is no such folder." in said(tmp_path / "missing")


def test_a_file_in_place_of_the_folder(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"x")
    assert "This is not a folder." in said(tmp_path / "file")


def test_an_empty_folder(tmp_path: Path):
    assert "The folder is empty. Run `leitstand init DIR`" in said(tmp_path)


def test_a_folder_of_something_else_names_every_missing_file(tmp_path: Path):
    (tmp_path / "photo.png").write_bytes(os.urandom(1000))
    for name in ("workflow.toml", "input.schema.json", "output.schema.json", "prompt.md", "risks.toml", "runbook.md"):
        assert f"{name}: The file is missing." in said(tmp_path)


def test_binary_in_every_file_is_said_and_not_more(folder: Path):
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            path.write_bytes(bytes(range(256)) * 9)
    files = {problem.file for problem in read(folder, KNOWN).problems}
    assert {"workflow.toml", "input.schema.json", "output.schema.json", "hooks.py", "risks.toml"} <= files


def test_links_that_lead_out(folder: Path, tmp_path: Path):
    (tmp_path / "secret").write_bytes(b"password")
    (tmp_path / "elsewhere").mkdir()
    (folder / "knowledge/secret.md").symlink_to(tmp_path / "secret")
    (folder / "knowledge/folder").symlink_to(tmp_path / "elsewhere")
    (folder / "knowledge/up.md").symlink_to("../../secret")
    (folder / "knowledge/passwd.md").symlink_to("/etc/passwd")
    result = read(folder, KNOWN)
    assert not any(b"password" in content for content in result.files.values())
    for name in ("secret.md", "folder", "up.md", "passwd.md"):
        assert f"knowledge/{name}: The link leads out of the workflow folder." in said(folder)


def test_links_that_lead_nowhere_or_round(folder: Path):
    (folder / "gone.md").symlink_to("nothing")
    (folder / "round.md").symlink_to("round.md")
    assert "gone.md: This cannot be read: No such file" in said(folder)
    assert "round.md: This cannot be read:" in said(folder)


def test_a_link_inside_the_folder_is_a_file(folder: Path):
    (folder / "knowledge/again.md").symlink_to("returns.md")
    files, problems = collect(folder)
    assert not problems
    assert files["knowledge/again.md"] == files["knowledge/returns.md"]


def test_a_linked_folder_inside_would_bring_files_twice(folder: Path):
    (folder / "more").symlink_to("knowledge")
    assert "more: This is neither a file nor a folder of its own." in said(folder)


def test_pipes_and_sockets_are_never_opened(folder: Path, monkeypatch: pytest.MonkeyPatch):
    os.mkfifo(folder / "knowledge/pipe.md")
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.md")
        text = said(folder)
    assert "knowledge/pipe.md: This is neither a file nor a folder of its own." in text
    assert "socket.md: This is neither a file nor a folder of its own." in text


@pytest.fixture
def nobody() -> Iterator[None]:
    """The test runs as a user whom permissions bind, also where the tests run as root."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


@pytest.fixture
def locked() -> Iterator[Path]:
    """A folder with a file and a folder that nobody may read."""
    folder = Path(tempfile.mkdtemp())
    (folder / "inside").mkdir()
    (folder / "inside/x.md").write_bytes(b"x")
    (folder / "file.md").write_bytes(b"x")
    (folder / "open.md").write_bytes(b"x")
    for path, mode in ((folder, 0o755), (folder / "inside", 0), (folder / "file.md", 0)):
        path.chmod(mode)
    yield folder
    (folder / "inside").chmod(0o755)
    shutil.rmtree(folder)


def test_what_this_user_may_not_read_is_named(locked: Path, nobody: None):
    files, problems = collect(locked)
    assert files == {"open.md": b"x"}
    assert {Path(problem.file).name for problem in problems} == {"inside", "file.md"}
    for problem in problems:
        assert "Permission denied. Check that the file exists and that this user may read it." in problem.text()


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def test_a_file_too_large(folder: Path):
    sparse(folder / "knowledge/huge.pdf", LARGEST_FILE + 1)
    assert f"knowledge/huge.pdf: The size is {LARGEST_FILE + 1} of at most {LARGEST_FILE} bytes." in said(folder)


def test_a_folder_too_large(folder: Path):
    for number in range(11):
        sparse(folder / f"{number}.bin", 49_000_000)
    assert "of at most 500000000 bytes." in said(folder)


def test_a_name_that_is_no_text(folder: Path):
    os.close(os.open(os.fsencode(folder) + b"/\xff.md", os.O_CREAT | os.O_WRONLY))
    assert "\\udcff.md: The file name is not UTF-8." in said(folder)
