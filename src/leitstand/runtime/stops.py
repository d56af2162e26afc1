"""Is a case stopped, as far as this process knows? Told of each stop at once, and looking twice a second."""

from leitstand.domain.case import Case
from leitstand.domain.errors import CallerError, LeitstandError, ProviderFailed, translatable
from leitstand.domain.message import Answer
from leitstand.domain.stop import Scope, Stop, holding
from leitstand.registers import StopStore
from leitstand.runtime.gates import Call

LOOK_SECONDS = 0.5
"""Between two looks for stops, when nothing tells of one earlier: new calls end within a second, whatever is lost."""


class StopUnknown(CallerError):
    """No stop with that id."""

    code = "stop_unknown"
    message = translatable("There is no stop {stop_id}.")
    repair = translatable("`leitstand stop` without options lists what is stopped.")


class Halted(LeitstandError):
    """The case is held by a stop; never shown to a caller."""

    code = "halted"
    message = translatable("Case {case_id} is held by the stop {stop_id}.")
    repair = translatable("It goes on after the restart.")


class Stops:
    """The stops in force. Before the first look nothing is; the assembly looks before any case is run."""

    def __init__(self, store: StopStore) -> None:
        self.store = store
        self.in_force: tuple[Stop, ...] = ()

    async def refresh(self) -> None:
        """Look which stops are in force."""
        self.in_force = await self.store.in_force()

    def on(self, case: Case) -> Stop | None:
        """The stop that holds the case."""
        return holding(self.in_force, case.tenant_id, case.workflow, case.case_id)

    def heed(self, case: Case) -> None:
        """Raise ``Halted`` when the case is held; asked right before something happens that is no model call."""
        if stop := self.on(case):
            raise Halted(case_id=case.case_id, stop_id=stop.stop_id)

    def on_workflow(self, tenant_id: str, workflow: str) -> Stop | None:
        """The stop that holds everything of the workflow."""
        return holding(self.in_force, tenant_id, workflow)

    def concerning(self, tenant_id: str) -> tuple[Stop, ...]:
        """The stops in force that hold more than one case of a tenant."""
        ours = (stop for stop in self.in_force if stop.tenant_id == tenant_id or stop.scope is Scope.ALL)
        return tuple(stop for stop in ours if stop.scope is not Scope.CASE)


class StopGate:
    """Lets no call of a stopped case leave. Runs are ended anyway; this one holds also whoever does not notice that."""

    name = "stop"

    def __init__(self, stops: Stops) -> None:
        self._stops = stops

    async def enter(self, call: Call) -> None:
        """Raise ``Halted`` when the case is stopped: it is not the model's failure, and no person has to decide."""
        if stop := holding(self._stops.in_force, call.tenant_id, call.workflow, call.case_id):
            raise Halted(case_id=call.case_id, stop_id=stop.stop_id)

    async def leave(self, call: Call, result: Answer | ProviderFailed, duration: int) -> None:
        """Nothing is held."""
