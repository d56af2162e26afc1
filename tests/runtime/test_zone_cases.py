"""Do whole cases keep out of forbidden zones, though their release was made while more was allowed?"""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest
from tests.runtime.house import GOOD, House, a_house, target
from tests.runtime.test_zones import MAY, ZONES

from leitstand.assembly import assembled
from leitstand.domain.case import Status
from leitstand.domain.event import CaseDrafted, DraftMissed, ModelCallIntended, ModelCallWithheld
from leitstand.settings import read_settings
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.faults import Behaviour

CLASSES = [name for name in MAY if name != "x"]
WEAKEST_FIRST = tuple(reversed(ZONES))
Servers = dict[str, FaultServer]


def serving(stack: ExitStack, behaviour: Behaviour, zones: Sequence[str] = WEAKEST_FIRST) -> Servers:
    """A model service in each of these zones, in their order."""
    return {zone: stack.enter_context(FaultServer(behaviour)) for zone in zones}


def written(path: Path, servers: Servers, allow: Sequence[str] = ()) -> Path:
    """A zone file that names where the servers are, and lets data of the classes in ``allow`` go everywhere."""
    rows = [f"{data_class} = {json.dumps(ZONES)}" for data_class in allow]
    places = [f'"{server.url}" = "{zone}"' for zone, server in servers.items()]
    path.write_text("\n".join(["[allow]", *rows, "[addresses]", *places]))
    return path


@asynccontextmanager
async def narrowed(folder: Path, servers: Servers, data_class: str) -> AsyncIterator[House]:
    """A house that was allowed everything when its workflow was released, and since a restart what ships."""
    chain = [target(server) for server in servers.values()]
    wide = {"zones": str(written(folder / "wide.toml", servers, CLASSES))}
    async with a_house(folder, *chain, settings=wide, data_class=data_class):
        pass
    strict = written(folder / "strict.toml", servers)
    async with assembled(read_settings({}, data=folder / "data", zones=str(strict))) as system:
        yield House(system=system)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@pytest.mark.parametrize("data_class", CLASSES)
async def test_a_case_is_answered_by_the_first_that_may_see_it_and_no_byte_goes_elsewhere(tmp_path, data_class):
    with ExitStack() as stack:
        servers = serving(stack, faults.good(GOOD))
        async with narrowed(tmp_path, servers, data_class) as house:
            cases = await house.ask_all(3)
            bodies = await house.bodies(cases[0])
    forbidden = [zone for zone in servers if zone not in MAY[data_class]]
    first = WEAKEST_FIRST[len(forbidden)]
    assert {zone: len(server.requests) for zone, server in servers.items() if server.requests} == {first: 3}
    assert [case.status for case in cases] == [Status.DELIVERED] * 3
    withheld = [body for body in bodies if isinstance(body, ModelCallWithheld)]
    assert [(body.target, body.reason) for body in withheld] == [(place, "zone") for place in range(len(forbidden))]
    (asked,) = [body for body in bodies if isinstance(body, ModelCallIntended)]
    assert {body.zones for body in (*withheld, asked)} == {digest(tmp_path / "strict.toml")}
    assert CaseDrafted(target=len(forbidden), fallback=bool(forbidden)) in bodies


@pytest.mark.parametrize("data_class", CLASSES)
async def test_a_case_whose_models_all_fail_has_asked_those_that_may_see_it_and_goes_to_a_person(tmp_path, data_class):
    with ExitStack() as stack:
        servers = serving(stack, faults.error(500))
        async with narrowed(tmp_path, servers, data_class) as house:
            case = await house.ask()
    assert {zone for zone, server in servers.items() if server.requests} == set(MAY[data_class])
    assert (case.status, case.reasons) == (Status.ESCALATED, ("no_draft",))


@pytest.mark.parametrize("data_class", ["special", "secret"])
async def test_a_case_that_nobody_may_see_reaches_nobody_and_a_person_gets_it(tmp_path, data_class):
    with ExitStack() as stack:
        servers = serving(stack, faults.good(GOOD), WEAKEST_FIRST[:-1])
        async with narrowed(tmp_path, servers, data_class) as house:
            case = await house.ask()
            bodies = await house.bodies(case)
    assert not any(server.connections for server in servers.values())
    assert [body.reason for body in bodies if isinstance(body, ModelCallWithheld)] == ["zone"] * 3
    assert DraftMissed(reason="exhausted") in bodies
    assert (case.status, case.reasons, case.calls) == (Status.ESCALATED, ("no_draft",), 0)


async def test_events_say_under_which_file_a_call_was_let_out(tmp_path):
    with FaultServer(faults.good(GOOD)) as server:
        wide = written(tmp_path / "wide.toml", {"third_country": server}, CLASSES)
        async with a_house(tmp_path, target(server), settings={"zones": str(wide)}, data_class="secret") as house:
            bodies = await house.bodies(await house.ask())
    assert [body.zones for body in bodies if isinstance(body, ModelCallIntended)] == [digest(wide)]
