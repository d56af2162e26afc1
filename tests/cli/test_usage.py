"""Is a wrong command line answered in the language of the person, with what was probably meant?"""

import re
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Leitstand

from leitstand.cli.usage import COUNTED, SENTENCES
from leitstand.web.translate import catalogue


@pytest.mark.parametrize(
    ("arguments", "german", "english"),
    [
        (
            ("chek",),
            "keinen Befehl 'chek'. Gemeint ist vielleicht 'check'",
            "No such command 'chek'. Did you mean 'check'?",
        ),
        (("init",), "Es fehlt das Argument 'FOLDER'", "Missing argument 'FOLDER'"),
        (("budget", "--dta", "x"), "keine Option '--dta'. Gemeint ist vielleicht '--data'", "Did you mean '--data'?"),
        (("reconcile", "--invoice", "nope.csv"), "Datei 'nope.csv' gibt es nicht", "File 'nope.csv' does not exist"),
        (("stop", "--all"), "Ein Halt braucht einen Grund und einen Namen", "A stop needs a --reason and a name"),
        (("run", "demo", "-i", "nope.json"), "Es gibt keine Datei nope.json", "There is no file nope.json"),
        (("release", "activate", "zzz"), "zzz von irgendeinem Workflow", "zzz of any workflow"),
        (("runbook", "none"), "noch keine; `leitstand release add", "none yet; `leitstand release add"),
    ],
)
def test_wrong_usage_is_said_in_both_languages(
    leitstand: Leitstand, arguments: tuple[str, ...], german: str, english: str
) -> None:
    for language, expected in (("de", german), ("en", english)):
        said = leitstand(*arguments, language=language)
        assert said.code in (2, 4), said.err
        assert expected in said.err


def test_click_still_says_what_the_catalogue_holds() -> None:
    folder = Path(click.__file__).parent
    source = re.sub(r"\s+", " ", " ".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py")))
    said = [*SENTENCES, *(form for forms in COUNTED for form in forms)]
    assert [sentence for sentence in said if f'"{sentence}"' not in source] == []
    assert [one for one in SENTENCES if catalogue("de").gettext(one) == one] == []
