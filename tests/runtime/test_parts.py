"""Do many releases leave room for all others, and does every case still find its own?"""

from tests.runtime.conftest import Bench

from leitstand.runtime.parts import MOST_AT_HAND


async def test_only_so_many_old_releases_stay_put_together(bench: Bench) -> None:
    installations = bench.parts.installations
    made = {}
    for number in range(MOST_AT_HAND + 5):
        digest = await bench.activate(str(number))
        made[digest] = await installations.by_digest("default", digest)
    newest = list(reversed(made))
    stayed = [await installations.by_digest("default", digest) is made[digest] for digest in newest]
    assert stayed == [place <= MOST_AT_HAND for place in range(len(newest))]


async def test_an_old_release_is_put_together_again_when_a_case_needs_it(bench: Bench) -> None:
    first = await bench.activate("first")
    opened = await bench.ask(key="k")
    for number in range(MOST_AT_HAND + 2):
        await bench.activate(str(number))
    installations = bench.parts.installations
    again = await installations.by_digest("default", opened.case.release_digest)
    assert again.digest == first
    assert again is await installations.by_digest("default", first)


async def test_what_a_release_promised_is_known_after_it_made_room(bench: Bench) -> None:
    first = await bench.activate("first")
    promised = bench.parts.installations.slo_of(first)
    for number in range(MOST_AT_HAND + 2):
        await bench.activate(str(number))
    assert promised is not None
    assert bench.parts.installations.slo_of(first) == promised
    assert bench.parts.installations.slo_of("never seen") is None


async def test_the_release_that_was_asked_for_last_stays(bench: Bench) -> None:
    first = await bench.activate("first")
    installations = bench.parts.installations
    kept = await installations.by_digest("default", first)
    for number in range(MOST_AT_HAND * 2):
        await bench.activate(str(number))
        assert await installations.by_digest("default", first) is kept
