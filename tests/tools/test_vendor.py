"""Are the scripts of others in the tree the ones that vendor.lock names?"""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import vendor  # noqa: E402 - tools are no package


def locked() -> list[dict]:
    return tomllib.loads(vendor.LOCK.read_text())["package"]


def test_the_files_in_the_tree_are_as_locked() -> None:
    subprocess.run([sys.executable, str(ROOT / "tools/vendor.py"), "--check"], check=True)


def test_a_changed_or_missing_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "TARGET", tmp_path)
    package = locked()[0]
    with pytest.raises(vendor.VendoredFileDiffers, match="is missing"):
        vendor.check(package)
    for file in package["file"]:
        (tmp_path / file["to"]).write_bytes(b"something else")
    with pytest.raises(vendor.VendoredFileDiffers, match="has SHA-512"):
        vendor.check(package)


def test_nothing_is_vendored_without_lock_and_licence() -> None:
    named = {file["to"] for package in locked() for file in package["file"]}
    assert {path.name for path in vendor.TARGET.iterdir()} == named
    assert all(package["licence"] in ("0BSD", "MIT", "BSD-3-Clause") for package in locked())
    assert all(any("LICENSE" in file["to"] for file in package["file"]) for package in locked())
