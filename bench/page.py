"""How do the measurements become a page and a plot?"""

import os
import platform
import sqlite3
import statistics
from itertools import groupby
from pathlib import Path

from bench.result import Goal, Line, Round, spread

VERDICTS = {True: "reached", False: "**not reached**", None: "–"}
BEGIN, END = "<!-- figures: written by `python -m bench.goals --publish` -->", "<!-- end of figures -->"
PUBLISHED = "explanation/speed.md"


def table(found: list[Line]) -> str:
    """The goals, one a row."""
    rows = ["| what | goal | measured | |", "|---|--:|--:|---|"]
    for line in found:
        rows.append(f"| *{line.work}* | | | |")
        rows += [row(goal) for goal in line.goals]
    verdicts = [goal.reached for line in found for goal in line.goals]
    counts = f"{verdicts.count(True)} reached, {verdicts.count(False)} not reached, {verdicts.count(None)} not decided"
    return "\n".join([*rows, "", f"{counts}."])


def row(goal: Goal) -> str:
    """One goal beside what was measured."""
    figure = spread(goal.values, goal.unit) if goal.values else ""
    return f"| {goal.text} | {wanted(goal)} | {figure} | {goal.why_not or VERDICTS[goal.reached]} |"


def wanted(goal: Goal) -> str:
    """The limit as ``≥ 25x`` or ``≤ 2 ms``."""
    unit = "x" if goal.unit == "x" else f" {goal.unit}"
    return f"{'≥' if goal.at_least else '≤'} {goal.limit:g}{unit}"


def programs(rounds: list[Round]) -> str:
    """Every program under every load, medians with their spread."""
    heads = ("program", "answers/s", "CPU µs an answer", "p50 ms", "p99 ms", "rounds", "client core", "other load")
    rows = ["| " + " | ".join(heads) + " |", "|---|" + "--:|" * (len(heads) - 1)]
    ordered = sorted(rounds, key=lambda one: (one.load, one.program))
    for (_, program), group in groupby(ordered, key=lambda one: (one.load, one.program)):
        some = list(group)
        cells = [spread([getattr(one, name) for one in some]) for name in ("rate", "cpu", "p50", "p99")]
        client, other = (statistics.median(getattr(one, name) for one in some) for name in ("client", "other"))
        rows.append(
            f"| {program}, {some[0].load} | " + " | ".join(cells) + f" | {len(some)} | {client:.2f} | {other:.2f} |"
        )
    return "\n".join(rows)


def figures(found: list[Line], plot: str) -> str:
    """The table, the plot, and what was measured for each line."""
    parts = [f"![How far each goal is reached]({plot})\n", table(found), ""]
    for line in found:
        parts.append(f"### {line.work[0].upper()}{line.work[1:]}\n")
        trial = " A trial: too short to say how fast anything is." if line.trial else ""
        parts.append(f"{line.at}, {line.settings}, {line.took:.0f} s.{trial}\n")
        if line.rounds:
            parts.append(programs(line.rounds) + "\n")
        parts += [f"- {note}" for note in line.notes] + ([""] if line.notes else [])
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    parts.append(f"Machine: {machine}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}.")
    return "\n".join(parts)


def write(found: list[Line], folder: Path) -> None:
    """Page and plot into a folder."""
    (folder / "goals.md").write_text(f"# Goals\n\n{figures(found, 'goals.svg')}\n", "utf-8")
    draw(found, folder / "goals.svg")


def publish(found: list[Line], docs: Path) -> None:
    """The figures into the page about speed, and the plot beside the other pictures."""
    path = docs / PUBLISHED
    before, _, rest = path.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    path.write_text(f"{before}{BEGIN}\n\n{figures(found, '../images/goals.svg')}\n\n{END}{after}", "utf-8")
    draw(found, docs / "images" / "goals.svg")


def draw(found: list[Line], path: Path) -> None:
    """Each goal as a bar on a logarithmic axis: right of 1 is better than the goal."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "goals"
    goals = [goal for line in found for goal in line.goals if goal.values and not goal.why_not][::-1]
    figure = Figure(figsize=(9, 1 + 0.32 * len(goals)), layout="constrained")
    axes = figure.add_subplot()
    shares = [goal.share for goal in goals]
    colours = ["#2a7f62" if goal.reached else "#b3413a" for goal in goals]
    axes.barh(range(len(goals)), [share - 1 for share in shares], left=1, color=colours, height=0.6)
    axes.set_xscale("log")
    axes.set_yticks(range(len(goals)), [goal.text for goal in goals], fontsize=8)
    for place, goal in enumerate(goals):
        text = f" {spread(goal.values, goal.unit)}, goal {wanted(goal)}"
        axes.annotate(text, (max(goal.share, 1), place), va="center", fontsize=7)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlim(min([0.5, *shares]) * 0.8, max([2, *shares]) * 30)
    axes.set_xlabel("how far it went: 1 is the goal, right of it is better")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
