"""What is said at the end of a submission, and with which exit code?"""

from leitstand.cli.output import print_json, print_table, say, show_problem, text
from leitstand.cli.submit_tally import Tally
from leitstand.domain.case import RUNNABLE, Status
from leitstand.domain.errors import translatable

SOME_REFUSED = 2
SOME_FAILED = 13


def exit_code(tally: Tally) -> int:
    """2 when a row was refused, 13 when a case of the job failed, else 0."""
    if tally.invalid:
        return SOME_REFUSED
    return SOME_FAILED if tally.statuses.get(Status.FAILED) and not _unfinished(tally) else 0


def show(tally: Tally, *, as_json: bool) -> None:
    """The counts: as one JSON object, or as sentences and a table of the job's cases by status."""
    if as_json:
        print_json(_as_data(tally))
        return
    for problem in tally.problems:
        show_problem(problem)
    if tally.dry_run:
        say(translatable("{rows} rows checked, {invalid} of them invalid"), rows=tally.rows, invalid=tally.invalid)
        return
    say(
        translatable(
            "Job {job}: {rows} rows in {seconds} s ({rate}/s): {opened} new cases, {repeated} known, {invalid} refused"
        ),
        **{**_as_data(tally), "seconds": f"{tally.submitted_in:.1f}"},
    )
    print_table(
        (translatable("status"), translatable("cases")),
        [(text(str(status)), tally.statuses[status]) for status in Status if status in tally.statuses],
    )
    if not tally.worked and _unfinished(tally):
        say(translatable("Nobody works on them yet: `leitstand serve` does, and so does this command with --wait."))


def _unfinished(tally: Tally) -> int:
    return sum(tally.statuses.get(status, 0) for status in RUNNABLE)


def _as_data(tally: Tally) -> dict[str, object]:
    data: dict[str, object] = {
        "job": tally.job,
        "workflow": tally.workflow,
        "rows": tally.rows,
        "invalid": tally.invalid,
    }
    if tally.dry_run:
        return {**data, "dry_run": True}
    return {
        **data,
        "opened": tally.opened,
        "repeated": tally.repeated,
        "seconds": round(tally.submitted_in, 3),
        "rate": round(tally.rows / max(tally.submitted_in, 1e-6), 1),
        "statuses": dict(tally.statuses),
    }
