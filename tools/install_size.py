"""How large is the core on disk, which packages make it so, and is it within its limit?

Counts what the core lock and Leitstand itself bring: files as the packages ship them. Byte code is left out, because
the interpreter makes it of the modules that are used, when they are used; it is printed beside it.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import Distribution, distributions
from pathlib import Path

LIMIT = 150_000_000
ROOT = Path(__file__).parents[1]
MEGABYTE = 1_000_000


def pip(*arguments: str) -> None:
    """Run this environment's pip, saying errors only; raises when it fails."""
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq", *arguments], check=True, cwd=ROOT
    )


def bytes_of(distribution: Distribution, *, byte_code: bool) -> int:
    """Bytes of a distribution's files on disk: its byte code, or everything but that."""
    paths = (Path(str(distribution.locate_file(file))) for file in distribution.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file() and (path.suffix == ".pyc") == byte_code)


def measure(lock: Path) -> tuple[dict[str, int], int]:
    """Bytes per distribution of a fresh installation of lock and Leitstand, and the bytes of all their byte code."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=False)
        pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder, str(ROOT))
        wheel = next(Path(folder).glob("leitstand-*.whl"))
        into = ("--python", str(Path(folder) / "bin" / "python"), "install", "--no-deps", "--root-user-action=ignore")
        pip(*into, "--only-binary", ":all:", "--require-hashes", "-r", str(lock))
        pip(*into, "--no-index", str(wheel))
        site = next((Path(folder) / "lib").glob("python*/site-packages"))
        found = list(distributions(path=[str(site)]))
        sizes = {each.name: bytes_of(each, byte_code=False) for each in found}
        return sizes, sum(bytes_of(each, byte_code=True) for each in found)


def table(sizes: dict[str, int], rows: int) -> str:
    """The largest distributions, largest first, one line each."""
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:rows]
    return "\n".join(f"{size / MEGABYTE:8.1f} MB  {name}" for name, size in largest)


def main() -> int:
    """Print the table and the sum; exit code 10 above the limit."""
    parser = argparse.ArgumentParser(description=re.split(r"\n\n", __doc__ or "")[0])
    parser.add_argument("--rows", type=int, default=12, help="how many of the largest to print")
    parser.add_argument("--lock", type=Path, default=ROOT / "requirements.lock")
    options = parser.parse_args()
    sizes, byte_code = measure(options.lock)
    total = sum(sizes.values())
    print(table(sizes, options.rows))
    print(
        f"{total / MEGABYTE:8.1f} MB  core install, {len(sizes)} packages (limit {LIMIT / MEGABYTE:.0f} MB); ", end=""
    )
    print(f"byte code of all modules would add {byte_code / MEGABYTE:.1f} MB")
    if total > LIMIT:
        print(f"The core install is {(total - LIMIT) / MEGABYTE:.1f} MB above its limit: make the largest an extra.")
        return 10
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
