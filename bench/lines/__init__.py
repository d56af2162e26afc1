"""Which lines has the table of goals? One file each, with ``measure(setup)``, in the order of the page."""

NAMES = ("throughput", "slow_upstream", "streaming", "processes", "footprint", "recovery", "growth")
