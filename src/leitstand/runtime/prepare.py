"""How does the input of a case become what the other steps work on?"""

from dataclasses import dataclass

from leitstand.domain.event import CaseNormalised
from leitstand.ports import Data
from leitstand.runtime.normalise import normalise
from leitstand.runtime.parts import Installed
from leitstand.runtime.run_case import Run


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """The normalised input: all fields, the text among them that is worked on, and what was separated from it."""

    input: Data
    text: str
    quoted: str
    signature: str


def prepare(installed: Installed, given: Data) -> tuple[Prepared, str, tuple[str, ...]]:
    """The prepared input, its language and what was changed; evaluation calls the same function as production."""
    settings = installed.workflow.input
    cleaned = normalise(given, settings)
    fields, text = cleaned.fields, cleaned.text
    if installed.hooks.normalise:
        fields = installed.hooks.normalise(fields)
        text = settings.text_of(fields)
    prepared_input = Prepared(input=fields, text=text, quoted=cleaned.quoted, signature=cleaned.signature)
    return prepared_input, cleaned.language, cleaned.changes


async def normalise_case(run: Run) -> None:
    """Clean the input."""
    given = await run.content("input")
    assert isinstance(given, dict)
    result, language, changes = prepare(run.installed, given)
    run.journal.note(CaseNormalised(language=language, changes=changes), run.keep(normalised=result))


async def prepared(run: Run) -> Prepared:
    """The normalised input of the case."""
    stored = await run.content("normalised")
    return stored if isinstance(stored, Prepared) else Prepared(**stored)  # type: ignore[arg-type]
