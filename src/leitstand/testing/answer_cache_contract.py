"""Does an ``AnswerCache`` give again what it may, and nothing else? Inherit, and supply ``reopen`` as for cases.

``spoil`` is a fixture that runs a statement of SQL on the database, ``count`` one that counts the rows of answers.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from leitstand.domain.case import Case
from leitstand.domain.event import CaseFailed, ReviewDecided
from leitstand.domain.guardrail import Outcome
from leitstand.domain.reuse import Found, Meaning, Reusable
from leitstand.domain.review import Verb
from leitstand.encoding import canonical
from leitstand.ports import Stores
from leitstand.testing.store_cases import ANSWERED, DRAFTED, INTENDED, TENANT, Opening, appended, decided, opened
from leitstand.testing.store_contract import Reopen, now

KEY, SCOPE = b"k" * 32, b"s" * 32
MOST = 100
Spoil = Callable[[str], Awaitable[None]]


async def answered(stores: Stores, key: bytes = KEY, *, tenant_id: str = TENANT, text: str = "At nine.") -> Case:
    """A case whose model answered, with the meaning of its question, and an entry under the key for an hour."""
    case = await opened(stores.cases, Opening(at=now(), tenant_id=tenant_id))
    said = {"answer.1": canonical(text), "meaning.1": canonical(Meaning(text="When?", vector="00ff"))}
    case = await appended(stores.cases, case, now(), INTENDED, ANSWERED, contents=said)
    await stores.answers.keep(entry(case, key), most=MOST)
    return await appended(stores.cases, case, now(), DRAFTED)


def entry(case: Case, key: bytes = KEY) -> Reusable:
    """What is remembered of the case."""
    return Reusable(
        tenant_id=case.tenant_id,
        workflow=case.workflow,
        key=key,
        scope=SCOPE,
        case_id=case.case_id,
        number=1,
        model="m",
        finish_reason="stop",
        made_at=case.accepted_at,
        expires_at=case.accepted_at + 3_600_000_000,
    )


async def given(stores: Stores, key: bytes = KEY, *, tenant_id: str = TENANT, at: int | None = None) -> str | None:
    """The case whose answer is given again."""
    found = await stores.answers.find(tenant_id, key, at=at or now())
    meant = await stores.answers.meanings(tenant_id, SCOPE, at=at or now())
    if found:
        assert found.answer.case_id in {answer.case_id for answer, _ in meant}
    return found.answer.case_id if found else None


class AnswerCacheContract:
    """What holds for every cache of answers."""

    async def test_an_answer_comes_back_as_it_was(self, reopen: Reopen) -> None:
        case = await answered(await reopen())
        answers = (await reopen()).answers
        found = await answers.find(TENANT, KEY, at=now())
        assert found
        assert found.text == "At nine."
        assert replace(found.answer, key=KEY, scope=SCOPE) == entry(case)
        assert found.answer.key != KEY
        ((remembered, meaning),) = await answers.meanings(TENANT, SCOPE, at=now())
        assert await answers.take(TENANT, remembered, at=now()) == found
        assert (remembered, meaning) == (found.answer, Meaning(text="When?", vector="00ff"))
        assert await answers.find(TENANT, b"o" * 32, at=now()) is None
        assert await answers.meanings(TENANT, b"o" * 32, at=now()) == ()

    async def test_an_answer_belongs_to_its_tenant(self, reopen: Reopen) -> None:
        stores = await reopen()
        ours = await answered(stores, text="ours")
        theirs = await answered(stores, tenant_id="other", text="theirs")
        assert [await given(stores), await given(stores, tenant_id="other")] == [ours.case_id, theirs.case_id]
        assert await given(stores, tenant_id="third") is None

    async def test_an_answer_expires(self, reopen: Reopen) -> None:
        stores = await reopen()
        case = await answered(stores)
        last = case.accepted_at + 3_600_000_000
        assert await given(stores, at=last - 1) == case.case_id
        assert await given(stores, at=last) is None

    async def test_a_newer_answer_takes_the_place_of_an_older(self, reopen: Reopen) -> None:
        stores = await reopen()
        await answered(stores)
        newer = await answered(stores, text="At ten.")
        found = await stores.answers.find(TENANT, KEY, at=now())
        assert found
        assert found == Found(
            answer=replace(entry(newer), key=found.answer.key, scope=found.answer.scope), text="At ten."
        )

    async def test_only_the_newest_are_remembered(self, reopen: Reopen) -> None:
        stores = await reopen()
        keys = [bytes([number]) * 32 for number in range(6)]
        cases = [await answered(stores, key) for key in keys]
        await stores.answers.keep(entry(cases[-1], keys[-1]), most=3)
        assert [await given(stores, key) for key in keys] == [None, None, None, *(case.case_id for case in cases[3:])]

    async def test_what_is_too_old_leaves_with_the_next(
        self, reopen: Reopen, count: Callable[[], Awaitable[int]]
    ) -> None:
        stores = await reopen()
        old = await answered(stores)
        new = await opened(stores.cases, Opening(at=now()))
        late = replace(entry(new, b"n" * 32), made_at=old.accepted_at + 3_600_000_000)
        await stores.answers.keep(late, most=MOST)
        assert await count() == 1

    async def test_what_a_person_did_not_take_is_not_given_again(self, reopen: Reopen) -> None:
        stores = await reopen()
        for verb, again in ((Verb.ACCEPT, True), (Verb.EDIT, False), (Verb.REJECT, False)):
            case = await answered(stores)
            case = await appended(stores.cases, case, now(), decided(Outcome.REVIEW, now() + 5))
            assert await given(stores) == case.case_id
            review = ReviewDecided(verb=verb, reason="", draft_commitment="", seconds_shown=1)
            await appended(stores.cases, case, now(), review)
            assert await given(stores) == (case.case_id if again else None)

    async def test_nor_what_a_failed_case_got(self, reopen: Reopen) -> None:
        stores = await reopen()
        case = await answered(stores)
        await appended(stores.cases, case, now(), CaseFailed(reason="broken_check"))
        assert await given(stores) is None

    async def test_an_answer_is_gone_with_the_contents_of_its_case(
        self, reopen: Reopen, spoil: Spoil, count: Callable[[], Awaitable[int]]
    ) -> None:
        stores = await reopen()
        case = await answered(stores)
        await spoil("DELETE FROM contents")
        assert await given(stores) is None
        assert await stores.answers.meanings(TENANT, SCOPE, at=now()) == ()
        await spoil("DELETE FROM case_keys")
        assert await count() == 0
        await stores.answers.keep(entry(case), most=MOST)
        assert await count() == 0

    async def test_an_answer_that_does_not_open_is_none(self, reopen: Reopen, spoil: Spoil) -> None:
        stores = await reopen()
        await answered(stores)
        await spoil("UPDATE contents SET sealed = salt")
        assert await stores.answers.find(TENANT, KEY, at=now()) is None
        assert await stores.answers.meanings(TENANT, SCOPE, at=now()) == ()
