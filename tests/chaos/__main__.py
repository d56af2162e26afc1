"""What does `make chaos` run?"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.chaos.harness import Chaos
from tests.chaos.plan import Plan


def main() -> int:
    """Kill, freeze, compare, print; 1 when something was lost, done twice, out of order or stuck."""
    parser = argparse.ArgumentParser(description="Kill and freeze servers under load; nothing is lost or done twice.")
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--freezes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    plan = Plan(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory(prefix="leitstand-chaos-", ignore_cleanup_errors=True) as folder:
        outcome = asyncio.run(Chaos(Path(folder), plan).run())
    print(f"store: {plan.store}, seed: {plan.seed}")
    print(outcome.text())
    assert outcome.verdict
    return 1 if outcome.verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main())
