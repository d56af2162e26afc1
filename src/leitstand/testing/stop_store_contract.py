"""Does a ``StopStore`` keep who stopped what? Inherit, and supply ``reopen`` as for cases."""

from dataclasses import replace

from leitstand.domain.stop import Scope, Stop, confirmed, hashed, proposed
from leitstand.testing.store_cases import TENANT
from leitstand.testing.store_contract import Reopen, now


def begun(scope: Scope, subject: str = "", **changes: object) -> Stop:
    """A stop that begins now."""
    at = now()
    stop = Stop(
        stop_id=f"s-{scope}-{subject}-{at}",
        tenant_id=TENANT,
        scope=scope,
        subject=subject,
        reason="ÄÖÜ 'quoted'",
        stopped_by="p-1",
        stopped_at=at,
    )
    return replace(stop, **changes)  # type: ignore[arg-type]


class StopStoreContract:
    """What holds for stops."""

    async def test_a_stop_is_in_force_until_it_is_ended(self, reopen: Reopen) -> None:
        stops = (await reopen()).stops
        given = [begun(Scope.WORKFLOW, "letters"), begun(Scope.TENANT), begun(Scope.ALL, tenant_id="other")]
        assert [await stops.begin(stop) for stop in given] == [True, True, True]
        stops = (await reopen()).stops
        assert set(await stops.in_force()) == set(given)
        offered = proposed(given[0], "p-1", "secret", now())
        assert await stops.move(offered, due_to="")
        ended = confirmed(offered, "p-2", "secret", now())
        assert isinstance(ended, Stop)
        assert await stops.move(ended, due_to=hashed("secret"))
        assert set(await stops.in_force()) == set(given[1:])
        assert await stops.find(ended.stop_id) == ended
        assert await stops.find("nothing") is None
        assert set(await stops.newest(TENANT, 10)) == {ended, *given[1:]}
        assert await stops.newest(TENANT, 1) == (given[2],)
        assert await stops.newest("another", 10) == (given[2],)

    async def test_the_same_is_stopped_once_and_again_after_its_restart(self, reopen: Reopen) -> None:
        stops = (await reopen()).stops
        first, second = begun(Scope.WORKFLOW, "letters"), begun(Scope.WORKFLOW, "letters")
        assert [await stops.begin(first), await stops.begin(second)] == [True, False]
        assert await stops.begin(begun(Scope.WORKFLOW, "letters", tenant_id="other"))
        assert await stops.move(replace(first, restarted_by="p-2", restarted_at=now()), due_to="")
        assert await stops.begin(second)
        assert {stop.stop_id for stop in await stops.newest(TENANT, 10)} == {first.stop_id, second.stop_id}

    async def test_who_comes_too_late_changes_nothing(self, reopen: Reopen) -> None:
        stops = (await reopen()).stops
        stop = begun(Scope.ALL)
        await stops.begin(stop)
        one, other = (proposed(stop, person, person, now()) for person in ("p-1", "p-2"))
        assert [await stops.move(one, due_to=""), await stops.move(other, due_to="")] == [True, False]
        assert await stops.move(replace(one, restarted_at=now(), restarted_by="p-2"), due_to=one.token_hash)
        assert not await stops.move(replace(one, restarted_at=now(), restarted_by="p-3"), due_to=one.token_hash)
        found = await stops.find(stop.stop_id)
        assert found
        assert found.restarted_by == "p-2"

    async def test_a_stopped_case_is_told_for_a_while(self, reopen: Reopen) -> None:
        stops = (await reopen()).stops
        fresh, old = begun(Scope.CASE, "c-1"), begun(Scope.CASE, "c-2", stopped_at=now() - 3_600_000_000)
        for stop in (fresh, old):
            await stops.begin(stop)
        assert await stops.in_force() == (fresh,)
