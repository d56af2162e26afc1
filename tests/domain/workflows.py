"""How do tests get a workflow without writing every required key?"""

from leitstand.domain.budget import Budget
from leitstand.domain.drafting import Draft, Target
from leitstand.domain.policy import CheckSpec, ReviewPolicy
from leitstand.domain.workflow import Baseline, Normalisation, Owners, ResponseSlo, Retrieval, SourceSpec, Workflow


def a_workflow(*, sources: bool = True, chain: tuple[Target, ...] = (Target(provider="scripted"),)) -> Workflow:
    """A small valid workflow named ``help``."""
    return Workflow(
        name="help",
        title={"en": "Help"},
        purpose={"en": "Answers questions."},
        owners=Owners(technical="T", domain="D"),
        data_class="public",
        risk_class="minimal",
        baseline=Baseline(minutes_per_case=6, cost_per_case="4.50 EUR", source="guess"),
        slo=ResponseSlo(response_seconds=2, target_percent=99),
        budget=Budget(per_case="0.02 EUR", per_month="50 EUR"),
        input=Normalisation(text="question"),
        draft=Draft(chain=chain, text="answer"),
        review=ReviewPolicy(when="flagged", due_minutes=60),
        retrieval=Retrieval(sources=(SourceSpec(path="knowledge/*.md"),)) if sources else None,
        checks=(CheckSpec(guard="citations"),),
    )
