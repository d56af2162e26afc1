"""Does the whole suite pass? Two runs: what may share the machine, on two processes, then what must have it alone.

Arguments are handed to pytest (``make test ARGS='-k retrieval'``). The last line sums both runs up.
"""

import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = (
    ("shared", ["-m", "not alone", "-n", "2", "--dist", "worksteal"]),
    ("alone", ["-m", "alone"]),
)
NO_TESTS = 5
"""pytest's exit code when nothing was selected."""
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)")


def run(name: str, choice: list[str], arguments: list[str]) -> tuple[int, Counter[str]]:
    """One run of pytest, printed as it goes: its exit code and what its closing line counts."""
    print(f"== tests, {name} ==", flush=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        "pyproject.toml",
        "-q",
        "--durations=10",
        "--color=no",
        *choice,
        *arguments,
    ]
    closing = ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            closing = line if COUNT.search(line) and " in " in line else closing
    counts = Counter({word.removesuffix("s"): int(number) for number, word in COUNT.findall(closing)})
    return process.returncode, counts


def main() -> int:
    """Run both, sum them up, return the first exit code that is not 0."""
    start = time.monotonic()
    total: Counter[str] = Counter()
    codes = []
    for name, choice in RUNS:
        code, counts = run(name, choice, sys.argv[1:])
        codes.append(0 if code == NO_TESTS else code)
        total += counts
    failed = next((code for code in codes if code), 0)
    if not total["passed"] and not failed:
        print("No test was run.")
        failed = NO_TESTS
    words = [f"{total[word]} {word}" for word in ("failed", "error", "passed", "skipped", "xfailed") if total[word]]
    print(", ".join(words or ["0 passed"]) + f" in {time.monotonic() - start:.2f}s")
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
