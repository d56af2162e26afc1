"""Are the scripts that we ship the ones their authors published?

``python tools/vendor.py`` fetches every package named in ``vendor.lock`` with ``npm pack``, refuses one whose SHA-512
differs, and copies the listed files to ``src/leitstand/web/static/vendor``. ``--check`` compares the files in the
tree with the lock and needs no network.
"""

import argparse
import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

LOCK = Path(__file__).with_name("vendor.lock")
TARGET = Path(__file__).parents[1] / "src/leitstand/web/static/vendor"


class VendoredFileDiffers(Exception):
    """A package or file is not what the lock says."""


def main() -> int:
    """Exit code 0 when everything is as locked, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare the files in the tree with the lock")
    arguments = parser.parse_args()
    packages: list[dict[str, Any]] = tomllib.loads(LOCK.read_text())["package"]
    try:
        for package in packages:
            if not arguments.check:
                fetch(package)
            check(package)
    except VendoredFileDiffers as difference:
        print(difference, file=sys.stderr)
        return 1
    print(f"{sum(len(package['file']) for package in packages)} files of {len(packages)} packages are as locked")
    return 0


def fetch(package: dict[str, Any]) -> None:
    """Download one package, hold it against its hash, copy the files that we ship."""
    with tempfile.TemporaryDirectory() as folder:
        name = f"{package['name']}@{package['version']}"
        subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        archive = next(Path(folder).glob("*.tgz"))
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if integrity != package["integrity"]:
            raise VendoredFileDiffers(f"{name} has {integrity}, vendor.lock says {package['integrity']}")
        TARGET.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as opened:
            for file in package["file"]:
                member = opened.extractfile(f"package/{file['from']}")
                if member is None:
                    raise VendoredFileDiffers(f"{name} has no file {file['from']}")
                (TARGET / file["to"]).write_bytes(member.read())


def check(package: dict[str, Any]) -> None:
    """Raise when a shipped file of the package is missing or differs."""
    for file in package["file"]:
        path = TARGET / file["to"]
        if not path.is_file():
            raise VendoredFileDiffers(f"{path} is missing; run python tools/vendor.py")
        digest = hashlib.sha512(path.read_bytes()).hexdigest()
        if digest != file["sha512"]:
            raise VendoredFileDiffers(f"{path} has SHA-512 {digest}, vendor.lock says {file['sha512']}")


if __name__ == "__main__":
    sys.exit(main())
