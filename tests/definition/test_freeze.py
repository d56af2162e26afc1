import os
from pathlib import Path

import pytest
from tests.definition.folders import KNOWN, changed, valid

from leitstand.definition.freeze import freeze
from leitstand.definition.read import ReadResult, read, read_files
from leitstand.definition.scaffold import scaffold
from leitstand.definition.thaw import RESOLVED, thaw, workflow_of
from leitstand.domain.errors import ConfigurationInvalid
from leitstand.domain.release import Release, release_digest
from leitstand.domain.retrieval import Passage
from leitstand.domain.workflow import Retrieval


def index_id(passages: tuple[Passage, ...], retrieval: Retrieval) -> str:
    return f"{retrieval.embedder}-{len(passages)}"


def frozen(files: dict[str, bytes]) -> Release:
    return freeze(read_files(files, KNOWN), index_id)


def test_a_folder_becomes_a_release(tmp_path: Path):
    scaffold(tmp_path / "shop", "answer", "en", "shop")
    result = read(tmp_path / "shop", KNOWN)
    release = freeze(result, index_id, tmp_path)
    assert release.workflow == result.workflow
    assert release.index_id == "usem3-5"
    assert release.digest == release_digest(release.files, "usem3-5")
    assert release.files.keys() - {RESOLVED} == result.files.keys()


def test_the_same_folder_gives_the_same_digest_anywhere(tmp_path: Path):
    for name in ("one", "two"):
        scaffold(tmp_path / name, "draft", "de", "x")
        for path in (tmp_path / name).rglob("*"):
            os.utime(path, (0 if name == "one" else 9, 0))
    (tmp_path / "two/.git").mkdir()
    digests = {freeze(read(tmp_path / name, KNOWN), index_id).digest for name in ("one", "two")}
    assert len(digests) == 1


@pytest.mark.parametrize("name", sorted(valid()))
def test_every_byte_of_every_file_counts(name: str):
    files = valid()
    files[name] += b"\n"
    assert frozen(files).digest != frozen(valid()).digest


def test_a_new_file_counts_and_so_does_the_index():
    assert frozen({**valid(), "notes.txt": b""}).digest != frozen(valid()).digest
    other = freeze(read_files(valid(), KNOWN), lambda *_: "other")
    assert other.digest != frozen(valid()).digest


def test_without_sources_there_is_no_index():
    start = valid("classify")["workflow.toml"].decode()
    before, _, rest = start.partition("[retrieval]")
    text = before + rest[rest.index("[draft]") :]
    release = frozen({**valid("classify"), "workflow.toml": text.encode()})
    assert release.index_id == ""
    assert release.workflow.retrieval is None


def test_problems_stop_it_with_all_of_them():
    result = read_files(changed("workflow.toml", 'data_class = "internal"', 'data_clas = "x"'), KNOWN)
    with pytest.raises(ConfigurationInvalid, match=r"shop has 2 problem\(s\)") as caught:
        freeze(result, index_id, "shop")
    assert caught.value.problems == result.problems


def test_nothing_read_is_nothing_frozen():
    with pytest.raises(ConfigurationInvalid):
        freeze(ReadResult(problems=()), index_id)


def test_hooks_that_do_not_load_stop_it():
    with pytest.raises(ConfigurationInvalid) as caught:
        frozen({**valid(), "hooks.py": b"import os\n\n1 / 0"})
    assert [problem.line for problem in caught.value.problems] == [3]


@pytest.mark.parametrize("template", ["answer", "extract", "classify", "draft"])
def test_thawed_it_is_the_same(template: str):
    release = frozen(valid(template))
    assert thaw(release.files, release.index_id) == release


def test_later_defaults_change_no_old_release():
    """What was left to a default is written down on the day of the release."""
    resolved = frozen(valid()).files[RESOLVED]
    changed_default = resolved.replace(b'"window_chars": 1200', b'"window_chars": 777')
    assert changed_default != resolved
    workflow = workflow_of({**frozen(valid()).files, RESOLVED: changed_default})
    assert workflow.retrieval is not None
    assert workflow.retrieval.window_chars == 777
