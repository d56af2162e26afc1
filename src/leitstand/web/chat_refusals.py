"""What can go wrong between a chat completion and a case, beside what goes wrong with any case?"""

from leitstand.domain.errors import CallerError, LeitstandError, Overloaded, UpstreamError, translatable

STOPPED_SECONDS = 30
"""After which whoever was turned away because of a stop may ask again; nobody knows how long one lasts."""


class ParameterRefused(CallerError):
    """A parameter is missing, has a value that is not read here, or is not known; ``param`` names it, ``kind`` how."""

    code = "parameter_refused"
    message = translatable("The parameter {param} {detail}.")
    repair = translatable("{way_out}")

    def __init__(self, *, param: str, kind: str, **values: object) -> None:
        self.param = param
        self.kind = kind
        super().__init__(param=param, **values)


class NoAnswer(UpstreamError):
    """No model of the workflow gave a usable answer; the case has its trail."""

    code = "no_answer"
    message = translatable("No model of the workflow {workflow} answered ({kind}); the case is {case_id}.")
    repair = translatable("Its trail says why. Send the request again later.")


class ModelsOverloaded(NoAnswer):
    """The same, because the models are overloaded right now; ``retry_after`` is in seconds."""

    code = "models_overloaded"

    def __init__(self, *, retry_after: int, **values: object) -> None:
        self.retry_after = retry_after
        super().__init__(**values)


class CaseUnderWay(UpstreamError):
    """The case did not come to rest in the time that a caller waits for it; it goes on."""

    code = "case_under_way"
    message = translatable("The case {case_id} is still under way.")
    repair = translatable("Ask for it at /v1/cases/{case_id}, or send the request again with the same Idempotency-Key.")


class WorkflowStopped(Overloaded):
    """Somebody stopped the workflow, and a caller who waits for an answer would wait in vain: no case was opened."""

    code = "workflow_stopped"
    message = translatable("The workflow {workflow} is stopped at the moment.")
    repair = translatable("No case was opened. Send the request again in {retry_after} s, or after the restart.")

    def __init__(self, **values: object) -> None:
        super().__init__(retry_after=STOPPED_SECONDS, **values)


class CaseHeld(CaseUnderWay):
    """A stop came while the caller waited; the case goes on after the restart."""

    code = "case_held"
    retry_after = STOPPED_SECONDS
    message = translatable("A stop holds the case {case_id}; it goes on after the restart.")


class CaseLost(LeitstandError):
    """The case ended without an output and not because of a model; its trail has the error id."""

    code = "case_failed"
    message = translatable("The case {case_id} failed.")
    repair = translatable("Its trail says in which step; the server's log has the cause.")


class StreamBroken(UpstreamError):
    """An answer broke off after some of it had left; ``{detail}`` says how. No other answer is mixed into it."""

    code = "stream_broken"
    message = translatable("The answer broke off: {detail}.")
    repair = translatable("The case goes on; ask for it at /v1/cases/{case_id}.")
