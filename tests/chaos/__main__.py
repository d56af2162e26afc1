"""What does `make chaos` run?"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.chaos.harness import Chaos


def main() -> int:
    """Kill, compare, print; 1 when something was lost or done twice."""
    parser = argparse.ArgumentParser(description="Kill a server under load; nothing may be lost or done twice.")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leitstand-chaos-", ignore_cleanup_errors=True) as folder:
        outcome = asyncio.run(Chaos(Path(folder), kills=given.kills, seed=given.seed).run())
    print(outcome.text())
    assert outcome.verdict
    return 1 if outcome.verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main())
