"""What does `make soak` run?"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.soak.harness import Soak
from tests.soak.plan import SoakPlan

OUT = Path("out/soak")


def main() -> int:
    """Soak, print, write; 1 when something grows or is violated."""
    parser = argparse.ArgumentParser(description="Half load with faults; nothing may grow, be lost or be done twice.")
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=0.0, help="cases a second; 0 takes half of what a ramp reaches")
    parser.add_argument("--seed", type=int, default=1)
    plan = SoakPlan(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory(prefix="leitstand-soak-", ignore_cleanup_errors=True) as folder:
        outcome = asyncio.run(Soak(Path(folder), plan).run())
    outcome.write(OUT)
    print(outcome.text())
    assert outcome.verdict
    return 1 if outcome.verdict.violations or outcome.growing else 0


if __name__ == "__main__":
    sys.exit(main())
