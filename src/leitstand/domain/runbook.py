"""What may be wrong, how is it checked, and what is done about it? The steps that every workflow's runbook has."""

from dataclasses import dataclass

from leitstand.domain import metric
from leitstand.domain.metric import Metric
from leitstand.domain.phrases import translatable


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """What to do: words, and a command or the address of a page; ``{workflow}`` stands in both for its name."""

    words: str
    command: str = ""
    page: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One symptom; ``anchor`` is what alerts link to. ``checks`` are numbers with their names in words."""

    anchor: str
    symptom: str
    checks: tuple[tuple[str, Metric], ...]
    actions: tuple[Action, ...]


STOP = Action(
    words=translatable("Stop the workflow when what leaves the house may do harm."),
    command='leitstand stop --workflow {workflow} --reason "..." --as "..."',
    page="/stops?scope=workflow&subject={workflow}",
)
BACK = Action(
    words=translatable("Go back to the release before."),
    command="leitstand release list && leitstand release activate DIGEST",
)
DOCTOR = Action(words=translatable("Let the machine be examined."), command="leitstand doctor")
INBOX = Action(words=translatable("Read why cases wait."), page="/inbox?workflow={workflow}")
LIST = Action(
    words=translatable("Look at what is open, and at the trail of the oldest."),
    command="leitstand case list --workflow {workflow} --status open",
    page="/cases?workflow={workflow}",
)

STEPS = (
    Step(
        anchor="a-process-is-down-or-hangs",
        symptom=translatable("A process is down or hangs"),
        checks=(
            (translatable("seconds since the worker looked for cases"), metric.LOOK_AGE),
            (translatable("cases under way in this process"), metric.RUNNING),
        ),
        actions=(DOCTOR, Action(words=translatable("Start it anew; no case is lost."), command="leitstand serve")),
    ),
    Step(
        anchor="the-database-does-not-answer",
        symptom=translatable("The database does not answer"),
        checks=((translatable("database answers (1) or not (0)"), metric.DATABASE_UP),),
        actions=(
            Action(words=translatable("Bring it back; processes go on by themselves."), command="leitstand db status"),
        ),
    ),
    Step(
        anchor="the-disk-fills-up",
        symptom=translatable("The disk fills up"),
        checks=((translatable("bytes free where the data is"), metric.DISK_FREE),),
        actions=(DOCTOR, Action(words=translatable("Make room; cases go on within a second."))),
    ),
    Step(
        anchor="cases-are-answered-late",
        symptom=translatable("Cases are answered late"),
        checks=(
            (translatable("cases that wait for their turn"), metric.QUEUED),
            (translatable("seconds the oldest waits"), metric.QUEUE_AGE),
        ),
        actions=(Action(words=translatable("Put a quicker model first in the chain, and release anew.")), BACK),
    ),
    Step(
        anchor="models-fail",
        symptom=translatable("Models fail"),
        checks=(
            (translatable("drafts"), metric.DRAFTS),
            (translatable("why the first model was left"), metric.FALLBACKS),
            (translatable("model calls that were withheld"), metric.MODEL_WITHHELD),
        ),
        actions=(DOCTOR, BACK, STOP),
    ),
    Step(
        anchor="a-model-is-left-alone",
        symptom=translatable("A model is left alone: its breaker is open"),
        checks=((translatable("breakers that are open"), metric.BREAKER_OPEN),),
        actions=(
            Action(words=translatable("Wait: it is tried again by itself. Cases fall back meanwhile."), page="/"),
            DOCTOR,
        ),
    ),
    Step(
        anchor="the-queue-grows",
        symptom=translatable("The queue grows"),
        checks=(
            (translatable("cases that wait for their turn"), metric.QUEUED),
            (translatable("cases that may wait"), metric.QUEUE_LIMIT),
        ),
        actions=(
            Action(words=translatable("Start a further process over PostgreSQL."), command="leitstand work"),
            LIST,
        ),
    ),
    Step(
        anchor="a-case-is-stuck",
        symptom=translatable("A case is stuck"),
        checks=(
            (translatable("cases that are open"), metric.OPEN),
            (translatable("seconds since the oldest was accepted"), metric.OPEN_AGE),
            (translatable("steps that broke"), metric.INTERRUPTIONS),
            (translatable("cases in quarantine"), metric.QUARANTINED),
        ),
        actions=(LIST, INBOX),
    ),
    Step(
        anchor="deliveries-do-not-arrive",
        symptom=translatable("Deliveries do not arrive"),
        checks=(
            (translatable("deliveries begun and not done"), metric.OUTBOX),
            (translatable("deliveries"), metric.DELIVERIES),
        ),
        actions=(
            Action(
                words=translatable("Read in the trail of a case why its receiver did not take it."),
                command="leitstand case list --workflow {workflow} --status delivering",
                page="/cases?workflow={workflow}&status=delivering",
            ),
            Action(words=translatable("Ask whoever runs the receiver; deliveries are tried again.")),
            STOP,
        ),
    ),
    Step(
        anchor="reviews-are-overdue",
        symptom=translatable("Reviews are overdue"),
        checks=(
            (translatable("cases that wait for a person"), metric.REVIEWS),
            (translatable("those past their time"), metric.OVERDUE),
        ),
        actions=(INBOX, Action(words=translatable("Find more reviewers, or a check that flags too much."))),
    ),
    Step(
        anchor="the-collector-misses-traces",
        symptom=translatable("The collector misses traces"),
        checks=((translatable("what no collector got"), metric.TELEMETRY_DROPPED),),
        actions=(Action(words=translatable("Look at the collector; cases are not touched.")),),
    ),
    Step(
        anchor="something-wrong-was-delivered",
        symptom=translatable("Something wrong was delivered"),
        checks=((translatable("what people decided"), metric.DECIDED),),
        actions=(STOP, BACK, Action(words=translatable("Tell the domain owner, and add the case to gold/."))),
    ),
)
"""In the order in which an incident is looked at; the anchors are those of the how-to page about watching."""
