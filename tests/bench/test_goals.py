"""Is a goal judged by its median, and does the page say what was measured and what was not?"""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from bench.peers import NAMES, peer
from bench.result import Goal, Line, Round, at_least, at_most, judged, ratios, spread

from bench import lines, page

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("goal", "measured", "reached"),
    [
        (at_least("rate", 25), [24, 26, 90], True),
        (at_least("rate", 25), [24, 24, 90], False),
        (at_most("wait", 2, "ms"), [1, 2, 90], True),
        (at_most("wait", 2, "ms"), [2, 3, 0], True),
        (at_most("wait", 2, "ms"), [3, 3, 0], False),
        (at_most("wait", 2, "ms"), [], None),
    ],
)
def test_the_median_decides(goal: Goal, measured: list[float], reached: bool | None) -> None:
    assert judged(goal, measured).reached is reached


def test_what_was_not_run_is_neither_reached_nor_missed() -> None:
    goal = judged(at_least("rate", 25), [30.0], "it is not here")
    assert goal.reached is None
    assert page.row(goal) == "| rate | ≥ 25x |  | not run: it is not here |"


def test_a_share_of_one_is_the_goal_in_both_directions() -> None:
    assert judged(at_least("rate", 20), [10.0]).share == pytest.approx(0.5)
    assert judged(at_most("wait", 2, "ms"), [4.0]).share == pytest.approx(0.5)
    assert judged(at_most("wait", 2, "ms"), [-0.1]).share == pytest.approx(1000)


def test_ratios_are_made_round_by_round() -> None:
    assert ratios([10, 30], [5, 10]) == [2, 3]
    assert spread([2, 3, 10], "x") == "3.00 (2.00–10.00)x"


def test_page_and_plot_hold_goals_programs_and_notes(tmp_path: Path) -> None:
    page.write([line()], tmp_path)
    text = (tmp_path / "goals.md").read_text("utf-8")
    assert "| rate | ≥ 25x | 30.0 (30.0–30.0)x | reached |" in text
    assert "1 reached, 1 not reached, 0 not decided." in text
    assert "| wait | ≤ 2 ms | 3.00 (3.00–3.00) ms | **not reached** |" in text
    assert "| one program, a load | 100 (100–100) |" in text
    assert "- another program was not run" in text
    assert "<svg" in (tmp_path / "goals.svg").read_text("utf-8")


def test_figures_are_published_between_their_marks(tmp_path: Path) -> None:
    written = tmp_path / page.PUBLISHED
    written.parent.mkdir()
    (tmp_path / "images").mkdir()
    written.write_text(f"# Title\n\n{page.BEGIN}\n\nold\n\n{page.END}\n\nThe end.\n", "utf-8")
    page.publish([line()], tmp_path)
    text = written.read_text("utf-8")
    assert text.startswith("# Title\n\n<!--")
    assert text.endswith("<!-- end of figures -->\n\nThe end.\n")
    assert "old" not in text and "| rate |" in text
    assert "](../images/goals.svg)" in text


def test_the_page_about_speed_has_the_marks() -> None:
    text = (ROOT / "docs" / page.PUBLISHED).read_text("utf-8")
    assert text.index(page.BEGIN) < text.index(page.END)


@pytest.mark.parametrize("name", NAMES)
def test_every_peer_has_its_title(name: str) -> None:
    assert peer(name).title


@pytest.mark.parametrize("name", lines.NAMES)
def test_every_line_can_be_measured(name: str) -> None:
    assert callable(importlib.import_module(f"bench.lines.{name}").measure)


def test_a_line_that_is_not_there_is_refused_with_those_that_are() -> None:
    command = [sys.executable, "-m", "bench.goals", "--only", "throughput,nothing"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert "no such line: nothing; there are throughput," in ran.stderr


def line() -> Line:
    figures = {"rate": 100.0, "cpu": 10.0, "p50": 1.0, "p99": 2.0, "answers": 5, "failures": 0}
    return Line(
        name="some",
        work="some work",
        goals=[judged(at_least("rate", 25), [30.0]), judged(at_most("wait", 2, "ms"), [3.0])],
        rounds=[Round(program="one program", load="a load", client=0.1, other=0.0, **figures)],  # type: ignore[arg-type]
        notes=["another program was not run: it is not here"],
        at="today",
        settings="1 round",
    )
