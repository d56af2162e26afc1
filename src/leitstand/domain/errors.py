"""What can go wrong, drawn as a tree, each error with a stable code, a message and a repair.

    LeitstandError
    ├── CallerError              the caller's mistake; asking again unchanged fails again
    │   ├── InputInvalid             body is not what the workflow's input schema asks for
    │   ├── RequestMalformed         not JSON, wrong encoding, unknown parameter
    │   ├── TooLarge                 body, text or file above its limit
    │   ├── WorkflowUnknown
    │   ├── CaseUnknown
    │   ├── ReleaseUnknown
    │   ├── IdempotencyConflict      key used before with another body
    │   ├── StateConflict            the case is not in the state the request assumes
    │   │   └── FolderNotEmpty           a new workflow needs a folder of its own
    │   └── Denied                   wrong host, wrong origin, nobody signed in
    ├── OperatorError            something is set up wrongly; the operator can mend it
    │   ├── ConfigurationInvalid     carries every problem found, not only the first
    │   ├── SettingInvalid
    │   ├── SourceUnreadable
    │   ├── ExtensionMissing
    │   ├── StoreOwned               another server owns the file
    │   ├── StoreUnusable            corrupt, full, unknown schema
    │   └── IndexUnusable            a search index; it can be made anew
    ├── UpstreamError            a service that we call failed
    │   ├── ProviderFailed
    │   ├── ToolFailed
    │   └── DeliveryFailed
    ├── Overloaded               more waits than can be done in time; the same request may succeed later
    │   └── WorkflowFull             as much waits as the workflow allows
    └── LeaseLost                somebody else continues the case; never shown to a caller

Message and repair are templates, so that pages and commands can show them in German and English; ``str(error)`` is
the English text. HTTP statuses are mapped in ``web``, exit codes in ``cli``; this module knows neither.
"""

from typing import ClassVar

from leitstand.domain.phrases import Phrase as Phrase
from leitstand.domain.phrases import Problem as Problem
from leitstand.domain.phrases import is_translatable
from leitstand.domain.phrases import translatable as translatable
from leitstand.domain.price import Usage


class LeitstandError(Exception):
    """Root of every error that Leitstand raises on purpose; ``phrases`` are its values that can be translated."""

    code: ClassVar[str] = "internal"
    message: ClassVar[str] = translatable("Something went wrong inside Leitstand.")
    repair: ClassVar[str] = translatable("Please report it with the error id.")

    def __init__(self, **values: object) -> None:
        self.values = {name: str(value) for name, value in values.items()}
        self.phrases = {
            name: value if isinstance(value, Phrase) else Phrase(str(value))
            for name, value in values.items()
            if isinstance(value, Phrase) or is_translatable(value)
        }
        super().__init__(self.text())

    def text(self) -> str:
        """The English message followed by the repair."""
        return f"{self.message.format(**self.values)} {self.repair.format(**self.values)}"


class CallerError(LeitstandError):
    """The caller's mistake."""

    code = "caller"


class InputInvalid(CallerError):
    """The input breaks the workflow's input schema; ``problems`` names every place."""

    code = "input_invalid"
    message = translatable("The input does not match the input schema of {workflow}: {detail}.")
    repair = translatable("Correct the named fields; the schema is in the OpenAPI document.")

    def __init__(self, *, problems: tuple[tuple[str, str], ...] = (), **values: object) -> None:
        self.problems = problems
        super().__init__(**values)


class RequestMalformed(CallerError):
    """The request cannot be read."""

    code = "request_malformed"
    message = translatable("The request cannot be read: {detail}.")
    repair = translatable("Send {expected}.")


class TooLarge(CallerError):
    """Something is above its limit; ``size`` and ``limit`` in bytes unless ``unit`` says otherwise."""

    code = "too_large"
    message = translatable("{what} is too large: {size} of at most {limit} {unit}.")
    repair = translatable("Send less, or raise the limit in the workflow or the settings.")


class WorkflowUnknown(CallerError):
    """No active release of that workflow."""

    code = "workflow_unknown"
    message = translatable("There is no active workflow named {name}.")
    repair = translatable("Active workflows: {known}.")


class CaseUnknown(CallerError):
    """No case with that id or number."""

    code = "case_unknown"
    message = translatable("There is no case {case_id}.")
    repair = translatable("Check the id; `leitstand case list` shows the newest cases.")


class ReleaseUnknown(CallerError):
    """No release with that digest."""

    code = "release_unknown"
    message = translatable("There is no release {digest} of {workflow}.")
    repair = translatable("`leitstand release list` shows the stored releases.")


class IdempotencyConflict(CallerError):
    """The idempotency key belongs to another request."""

    code = "idempotency_conflict"
    message = translatable("The idempotency key {key} was used before with another body.")
    repair = translatable("Use a new key for a new case, or send the first body again.")


class StateConflict(CallerError):
    """The case has moved on."""

    code = "state_conflict"
    message = translatable("Case {case_id} is {status}; {action} is not possible.")
    repair = translatable("Load the case again and decide on what it shows now.")


class FolderNotEmpty(StateConflict):
    """A scaffold would overwrite files."""

    code = "folder_not_empty"
    message = translatable("The folder {path} is not empty.")
    repair = translatable("Name a new folder, or empty this one first.")


class Denied(CallerError):
    """Not allowed for this caller."""

    code = "denied"
    message = translatable("Denied: {detail}.")
    repair = translatable("{way_out}")


class OperatorError(LeitstandError):
    """Something is set up wrongly."""

    code = "operator"


class ConfigurationInvalid(OperatorError):
    """A workflow folder that cannot become a release; ``problems`` holds all of them."""

    code = "configuration_invalid"
    message = translatable("{path} has {count} problem(s).")
    repair = translatable("`leitstand check {path}` lists them.")

    def __init__(self, *, problems: tuple[Problem, ...], **values: object) -> None:
        self.problems = problems
        super().__init__(count=len(problems), **values)


class SettingInvalid(OperatorError):
    """A setting of the process has a value that cannot be used."""

    code = "setting_invalid"
    message = translatable("The setting {name} has the value {value}, which cannot be used.")
    repair = translatable("{way_out}")


class SourceUnreadable(OperatorError):
    """A knowledge source cannot be read as what it claims to be."""

    code = "source_unreadable"
    message = translatable("The source {path} cannot be read: {detail}.")
    repair = translatable("{way_out}")


class ExtensionMissing(OperatorError):
    """A named extension, or the package behind it, is not installed."""

    code = "extension_missing"
    message = translatable("There is no {group} named {name} here.")
    repair = translatable("{way_out}")


class StoreOwned(OperatorError):
    """Another server owns the database file."""

    code = "store_owned"
    message = translatable("{path} is in use by the server {owner} (process {pid}).")
    repair = translatable("Use that server, stop it first, or name another database.")


class StoreUnusable(OperatorError):
    """The database cannot be used as it is."""

    code = "store_unusable"
    message = translatable("The database {path} cannot be used: {detail}.")
    repair = translatable("{way_out}")


class IndexUnusable(OperatorError):
    """A search index cannot be used as it is; cases that need it are tried again."""

    code = "index_unusable"
    message = translatable("The index {path} cannot be used: {detail}.")
    repair = translatable("{way_out}")


class UpstreamError(LeitstandError):
    """A service that we call failed."""

    code = "upstream"


class ProviderFailed(UpstreamError):
    """A model provider gave no usable answer.

    ``kind`` is one of ``failure.KINDS``; ``retryable`` says whether the same request may succeed later;
    ``retry_after`` is in seconds when the provider named it. ``usage`` is what the call took all the same: None when
    that is unknown, ``Usage.none()`` when the service turned it away.
    """

    code = "provider_failed"
    message = translatable("The model provider {provider} failed ({kind}): {detail}.")
    repair = translatable("The next target of the chain is tried; see the case's trail.")

    def __init__(
        self,
        *,
        kind: str,
        retryable: bool,
        retry_after: float | None = None,
        usage: Usage | None = None,
        **values: object,
    ) -> None:
        self.kind = kind
        self.retryable = retryable
        self.retry_after = retry_after
        self.usage = usage
        super().__init__(kind=kind, **values)


class ToolFailed(UpstreamError):
    """A tool gave no result; ``domain.tool`` says what its ``kind`` leaves open."""

    code = "tool_failed"
    message = translatable("The tool {tool} failed ({kind}): {detail}.")
    repair = translatable("See the case's trail, and the service behind the tool.")


class DeliveryFailed(UpstreamError):
    """The receiver did not take a delivery; ``kind`` and ``status`` are those of the event of that name."""

    code = "delivery_failed"
    message = translatable("The receiver {receiver} did not take the delivery: {detail}.")
    repair = translatable("It is tried again with the same idempotency key.")

    def __init__(self, *, kind: str, retryable: bool = True, status: int | None = None, **values: object) -> None:
        self.kind, self.retryable, self.status = kind, retryable, status
        super().__init__(**values)


class Overloaded(LeitstandError):
    """More cases wait for their turn than can be done in time; ``retry_after`` is in seconds."""

    code = "overloaded"
    message = translatable("{waiting} cases wait for their turn, and {most} may.")
    repair = translatable("Send the request again in {retry_after} s, with the same idempotency key.")

    def __init__(self, *, retry_after: int, **values: object) -> None:
        self.retry_after = retry_after
        super().__init__(retry_after=retry_after, **values)


class WorkflowFull(Overloaded):
    """As many cases of the workflow wait as it allows."""

    code = "workflow_full"
    message = translatable("{waiting} cases of {workflow} wait for their turn, and {most} may.")


class LeaseLost(LeitstandError):
    """The case moved on under another epoch; this worker drops it."""

    code = "lease_lost"
    message = translatable("Case {case_id} is continued elsewhere.")
    repair = translatable("Nothing to do.")
