"""How are releases told on the command line: as a table for people, as JSON for programs?"""

from collections.abc import Iterable

import click

from leitstand.cli.output import print_table
from leitstand.cli.reading import Measured
from leitstand.domain.errors import translatable
from leitstand.domain.fallback import ChainUse
from leitstand.domain.release import ReleaseRow
from leitstand.settings import spoken_language
from leitstand.web.pages.levels import fallback_rate, level_lines, reasons
from leitstand.web.speech import Speech

Told = dict[str, object]


def print_releases(listed: Iterable[tuple[ReleaseRow, ChainUse]]) -> None:
    """All releases with their fallback rates."""
    say = Speech(spoken_language())
    print_table(
        (translatable("release"), translatable("workflow"), translatable("active"), translatable("fallbacks")),
        [(row.digest[:12], row.workflow, "*" if row.active else "", fallback_rate(use, say)) for row, use in listed],
    )


def release_json(row: ReleaseRow, use: ChainUse) -> Told:
    """A release in a list."""
    told: Told = {"digest": row.digest, "workflow": row.workflow, "active": row.active}
    return told | {"answered": use.answered, "fallbacks": use.fallbacks}


def print_measured(measured: Measured) -> None:
    """The levels of the chain, and why the first was left."""
    say, use = Speech(spoken_language()), measured.use
    print_releases([(measured.row, use)])
    click.echo()
    print_table(
        (translatable("level"), translatable("passed gold cases"), translatable("answers")),
        [(line.name, line.gold, line.use) for line in level_lines(measured.workflow, use, measured.levels, say)],
    )
    if left := reasons(use, say):
        click.echo()
        print_table((translatable("why the first model was left"), translatable("answers")), left)


def measured_json(measured: Measured) -> Told:
    """The same as data; what was not measured is null."""
    use, gold = measured.use, {level.place: level for level in measured.levels if level.n}
    levels = [
        {
            "provider": target.provider,
            "model": target.model,
            "answers": use.answers.get(place, 0),
            "gold": {"n": gold[place].n, "passed": gold[place].passed} if place in gold else None,
        }
        for place, target in enumerate(measured.workflow.draft.chain)
    ]
    told = release_json(measured.row, use) | {"levels": levels, "without_draft": use.answers.get(None, 0)}
    return told | {"left_because": dict(use.left)}
