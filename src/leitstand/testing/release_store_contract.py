"""Do the registers keep what they are given? Inherit, and supply ``reopen`` as for cases."""

import asyncio
from dataclasses import replace

from leitstand.domain.breaker import Breaker, Place, State
from leitstand.domain.errors import ReleaseUnknown
from leitstand.domain.release import ReleaseRow
from leitstand.domain.report import Report
from leitstand.domain.review import Person
from leitstand.testing.expectations import raised
from leitstand.testing.store_cases import TENANT, release
from leitstand.testing.store_contract import Reopen

FILES = {
    "workflow.toml": b'name = "letters"',
    "knowledge/a.md": b"same",
    "knowledge/b.md": b"same",
    "bytes": bytes(range(256)),
}


class ReleaseStoreContract:
    """What holds for releases and for the pointers to the active ones."""

    async def test_a_release_comes_back_as_it_was(self, reopen: Reopen) -> None:
        releases = (await reopen()).releases
        given = release("letters", FILES)
        assert await releases.add(given, tenant_id=TENANT, actor_id="p-1", at=5)
        releases = (await reopen()).releases
        assert await releases.load(TENANT, given.digest) == given
        assert await releases.load(TENANT, given.digest[:7]) == given

    async def test_a_release_is_stored_once(self, reopen: Reopen) -> None:
        releases = (await reopen()).releases
        given = release("letters", FILES)
        outcomes = [await releases.add(given, tenant_id=TENANT, actor_id="p-1", at=at) for at in (5, 6)]
        assert outcomes == [True, False]
        assert await releases.rows(TENANT) == (
            ReleaseRow(digest=given.digest, workflow="letters", added_at=5, activated_at=None, active=False),
        )
        assert await releases.add(given, tenant_id="other", actor_id="p-1", at=7)

    async def test_what_is_unknown_or_ambiguous_is_refused(self, reopen: Reopen) -> None:
        releases = (await reopen()).releases
        many = [release("letters", {"workflow.toml": b"%d" % number}) for number in range(17)]
        for given in many:
            await releases.add(given, tenant_id=TENANT, actor_id="p-1", at=5)
        first_letters = [given.digest[0] for given in many]
        ambiguous = next(letter for letter in first_letters if first_letters.count(letter) > 1)
        for digest in ("", "x", "%", "_" * 64, ambiguous):
            await raised(ReleaseUnknown, releases.load(TENANT, digest))
        await raised(ReleaseUnknown, releases.load("other", many[0].digest))
        await raised(ReleaseUnknown, releases.activate("f" * 64, tenant_id=TENANT, actor_id="p-1", at=6))
        await raised(ReleaseUnknown, releases.activate(many[0].digest, tenant_id="other", actor_id="p-1", at=6))
        assert await releases.pointers() == {}

    async def test_a_pointer_moves_forth_and_back(self, reopen: Reopen) -> None:
        releases = (await reopen()).releases
        old, new = release("letters", {"a": b"1"}), release("letters", {"a": b"2"})
        mails = release("mails", {"a": b"3"})
        for at, given in enumerate((old, new, mails)):
            await releases.add(given, tenant_id=TENANT, actor_id="p-1", at=at)
        for at, given in enumerate((mails, old, new, old), start=10):
            await releases.activate(given.digest, tenant_id=TENANT, actor_id="p-1", at=at)
        releases = (await reopen()).releases
        assert await releases.pointers() == {(TENANT, "letters"): old.digest, (TENANT, "mails"): mails.digest}
        assert [(row.digest, row.added_at, row.activated_at, row.active) for row in await releases.rows(TENANT)] == [
            (mails.digest, 2, 10, True),
            (new.digest, 1, 12, False),
            (old.digest, 0, 13, True),
        ]
        assert await releases.rows("other") == ()


class PeopleStoreContract:
    """What holds for the names behind pseudonymous ids."""

    async def test_people_are_listed_by_name_and_can_be_renamed(self, reopen: Reopen) -> None:
        people = (await reopen()).people
        assert await people.people(TENANT) == ()
        for person in (Person(id="p-2", name="Änne"), Person(id="p-1", name="Zoë"), Person(id="p-2", name="Anna")):
            await people.add_person(TENANT, person)
        people = (await reopen()).people
        assert await people.people(TENANT) == (Person(id="p-2", name="Anna"), Person(id="p-1", name="Zoë"))
        assert await people.people("other") == ()


class ReportStoreContract:
    """What holds for what was found of releases."""

    async def test_the_newest_of_its_kind_comes_back(self, reopen: Reopen) -> None:
        reports = (await reopen()).reports
        first = Report(tenant_id=TENANT, workflow="letters", release_digest="d1", kind="drill", at=5, body=b"\0{}")
        newer = replace(first, release_digest="d2", at=7)
        given = [first, newer, replace(first, at=6), replace(newer, body=b"the later of two at once")]
        given += [replace(first, at=9, kind="gold"), replace(first, at=9, workflow="mails")]
        given += [replace(first, at=9, tenant_id="other")]
        for report in given:
            await reports.add(report)
        reports = (await reopen()).reports
        assert await reports.newest(TENANT, "letters", "drill") == given[3]
        assert await reports.newest(TENANT, "letters", "gold") == given[4]
        assert await reports.newest(TENANT, "mails", "drill") == given[5]
        assert await reports.newest(TENANT, "mails", "gold") is None
        assert await reports.newest(TENANT, "letters", "drill", "d1") == given[2]
        assert await reports.newest(TENANT, "letters", "gold", "d2") is None


class HealthStoreContract:
    """What holds for the states of breakers."""

    async def test_of_two_changes_of_one_breaker_the_first_counts(self, reopen: Reopen) -> None:
        health = (await reopen()).health
        assert await health.breakers() == {}
        place = Place(TENANT, "openai_compatible", "model-ä", "http://127.0.0.1:1/v1")
        opened = Breaker(State.OPEN, until=2**52, openings=3, cause="failures", version=1)
        probed = opened._replace(state=State.HALF_OPEN, version=2)
        assert await health.change_breaker(place, opened)
        assert not await health.change_breaker(place, opened)
        changes = await asyncio.gather(*(health.change_breaker(place, probed) for _ in range(8)))
        assert sorted(changes) == [False] * 7 + [True]
        assert not await health.change_breaker(place, opened._replace(version=9))
        other = place._replace(tenant_id="other")
        assert await health.change_breaker(other, opened)
        health = (await reopen()).health
        assert await health.breakers() == {place: probed, other: opened}
