"""How does a new workflow begin? As a folder that passes check and runs."""

from pathlib import Path

import click

from leitstand.cli.output import say
from leitstand.domain.errors import translatable
from leitstand.settings import spoken_language

TEMPLATES = ("answer", "extract", "classify", "draft", "passthrough")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--template", type=click.Choice(TEMPLATES), default="answer", show_default=True, help="What the workflow does."
)
@click.option(
    "--lang", type=click.Choice(["de", "en"]), default=None, help="Language of the files; yours when left out."
)
def init(folder: Path, template: str, lang: str | None) -> None:
    """Write a workflow into the new FOLDER: definition, schemas, prompt, knowledge, gold cases, hooks, runbook."""
    from leitstand.definition.scaffold import scaffold

    written = scaffold(folder, template, lang or spoken_language(), folder.resolve().name)
    names = " ".join(sorted({path.relative_to(folder).parts[0] for path in written}))
    say(translatable("created {folder}: {names}"), folder=folder, names=names)
    gold = next(str(path.relative_to(folder)) for path in sorted(written) if path.parent.name == "gold")
    say(translatable("next:  cd {folder} && leitstand check && leitstand run . -i {gold}"), folder=folder, gold=gold)
