"""Does the doctor see what keeps Leitstand from running, or will soon?"""

import asyncio
from pathlib import Path

import pytest
from tests.cli.conftest import Leitstand

from leitstand.cli.symptoms import Symptom, drift_of, examine
from leitstand.ports import Database
from leitstand.settings import Settings, read_settings
from leitstand.stores.postgres import own


def examined(settings: Settings) -> dict[str, list[Symptom]]:
    found: dict[str, list[Symptom]] = {}
    for symptom in asyncio.run(examine(settings)):
        found.setdefault(symptom.what, []).append(symptom)
    return found


def test_a_machine_that_is_fit_gets_no_warning(leitstand: Leitstand) -> None:
    said = leitstand("doctor", "--json")
    assert said.code == 0
    assert isinstance(said.data, list)
    assert {found["level"] for found in said.data} == {"ok"}


def test_keys_that_others_may_read_are_a_warning(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    (keys / "default.key").write_bytes(b"k")
    (keys / "default.key").chmod(0o600)
    settings = Settings(data=tmp_path)
    assert [found.level for found in examined(settings)["keys"]] == ["ok"]
    (keys / "default.key").chmod(0o640)
    (found,) = examined(settings)["keys"]
    assert found.level == "warn" and "chmod" in found.text()


@pytest.mark.parametrize(
    "values", [{"transport": "carrier-pigeon"}, {"transport": "carrier-pigeon", "otlp_endpoint": "http://127.0.0.1:9"}]
)
def test_what_is_configured_and_not_installed_is_a_stop(tmp_path: Path, values: dict[str, str]) -> None:
    (found,) = examined(read_settings({}, data=tmp_path, **values))["extra"]
    assert found.level == "stop" and "carrier-pigeon" in found.text()


@pytest.mark.parametrize(
    ("before", "database", "after", "level"),
    [(100, 101, 102, "ok"), (100, 99, 100, "ok"), (100, 104.5, 102, "warn"), (100, 97, 101, "warn")],
)
def test_clocks_differ_only_beyond_what_the_question_took(
    before: float, database: float, after: float, level: str
) -> None:
    assert drift_of(before=before, database=database, after=after).level == level


def test_the_clock_of_a_postgresql_database_is_compared(tmp_path: Path, postgres_database: str) -> None:
    async def made() -> None:
        place = Database(path=tmp_path, url=postgres_database, keys=tmp_path / "keys", address="here", clock=lambda: 1)
        await (await own(place)).close()

    settings = Settings(data=tmp_path, database_url=postgres_database)
    (before,) = examined(settings)["database"]
    assert before.level == "stop"
    asyncio.run(made())
    found = examined(settings)
    assert [symptom.level for symptom in found["database"]] == ["ok"], found["database"][0].text()
    assert [symptom.text() for symptom in found["clock"]][1:] == ["The clock of the database agrees with this one."]
    assert ":" not in found["database"][0].text().split(" can be read")[0]
