"""Do the statements that the page for whoever runs PostgreSQL shows do what it says?"""

import shlex

from tests.docs.pages import ROOT, blocks
from tests.docs.shell import commands

from leitstand.stores.postgres_months import make_months
from leitstand.testing.store_cases import Opening, opened
from leitstand.testing.store_contract import now

PAGE = ROOT / "docs" / "how-to" / "look-after-postgresql.md"
JANUARY_2025 = 1_736_000_000_000_000


def statements():
    """What the page gives to psql, in order."""
    found = [command.text for block in blocks(PAGE.read_text()) for command in commands(block.code)]
    words = [shlex.split(text) for text in found if text.startswith("psql ")]
    return [word.removeprefix("--command=") for line in words for word in line if word.startswith("--command=")]


async def test_the_statements_of_the_page_do_what_it_says(another, pg):
    drop, unfinished, workers = statements()
    stores = await another(address="http://10.0.0.1:8420")
    await make_months(stores.cases._pool, JANUARY_2025)
    await opened(stores.cases, Opening(at=JANUARY_2025))
    await opened(stores.cases, Opening(at=now()))
    assert pg(unfinished) == "default|1|open"
    address, silent, cases = pg(workers).split("|")
    assert (address, silent[:7], cases) == ("http://10.0.0.1:8420", "00:00:0", "2")
    pg(drop)
    assert pg("SELECT count(*) FROM events") == "1"
