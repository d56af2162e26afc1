"""May a browser keep a file for ever, and does no page name a missing one?"""

import re
from pathlib import Path

import pytest

from leitstand.web.pages.assets import FOLDER, asset, digest, files

TEMPLATES = FOLDER.parent / "templates"


def test_addresses_change_with_the_content() -> None:
    assert asset("page.js") == f"/static/{digest()}/page.js"
    with pytest.raises(KeyError):
        asset("missing.js")


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_every_named_file_exists(path: Path) -> None:
    for name in re.findall(r"asset\('([^']+)'\)", path.read_text("utf-8")):
        asset(name)


def test_the_first_load_stays_small() -> None:
    scripts = sum(len(content) for name, content in files().items() if name.endswith(".js"))
    assert scripts <= 180_000
    assert scripts + len(files()["leitstand.css"]) <= 250_000


def test_no_file_of_ours_names_an_address_elsewhere() -> None:
    own = {name: content.decode() for name, content in files().items() if not name.startswith("vendor/")}
    assert not [name for name, text in own.items() if re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)]
