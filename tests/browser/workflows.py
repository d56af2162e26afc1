"""Which workflows does the stage serve: questions with citations, and claims with a structured output."""

from leitstand.domain.budget import Budget
from leitstand.domain.drafting import Draft, Target
from leitstand.domain.policy import CheckSpec, ReviewPolicy
from leitstand.domain.workflow import Baseline, Normalisation, Owners, ResponseSlo, Retrieval, SourceSpec, Workflow

HELP_IN = {
    "type": "object",
    "properties": {"question": {"type": "string", "minLength": 1}},
    "required": ["question"],
    "additionalProperties": False,
}
HELP_OUT = {
    "type": "object",
    "properties": {"answer": {"type": "string", "title": "Answer", "minLength": 1}},
    "required": ["answer"],
    "additionalProperties": False,
}
CLAIM_IN = {
    "type": "object",
    "properties": {
        "mail": {"type": "string"},
        "policy": {"type": "string"},
        "sum": {"type": "number"},
    },
    "required": ["mail"],
    "additionalProperties": False,
}
CLAIM_OUT = {
    "type": "object",
    "properties": {
        "summary": {"type": "string", "title": "Summary", "description": "Two or three sentences for the file."},
        "amount": {"type": "number", "title": "Amount in EUR", "minimum": 0, "maximum": 10000},
        "persons": {"type": "integer", "title": "Persons involved"},
        "covered": {"type": "boolean", "title": "Covered"},
        "line": {"enum": ["household", "motor", "liability"], "title": "Line of business"},
        "documents": {"type": "array", "items": {"type": "string"}, "title": "Documents still missing"},
        "contact": {
            "type": "object",
            "title": "Contact",
            "properties": {"name": {"type": "string"}, "phone": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": False,
        },
    },
    "required": ["summary", "amount", "covered", "line", "contact"],
    "additionalProperties": False,
}
CLAIM = {
    "summary": "A pipe burst on 9 March and soaked the kitchen floor. The repair was 6,240 EUR including VAT.",
    "amount": 6240,
    "persons": 1,
    "covered": True,
    "line": "household",
    "documents": ["Photo of the pipe", "Invoice of the plumber"],
    "contact": {"name": "Erika Mustermann", "phone": "030 123456"},
}


def workflow(name: str, title: dict[str, str], when: str, text: str, **more: object) -> Workflow:
    return Workflow(
        name=name,
        title=title,
        purpose={
            "en": "Answers questions about the desktop from its help pages, with citations.",
            "de": "Beantwortet Fragen zur Arbeitsumgebung aus den Hilfeseiten, mit Belegen.",
        },
        owners=Owners(technical="A. Yilmaz", domain="M. Weber"),
        data_class="internal",
        risk_class="limited",
        baseline=Baseline(minutes_per_case=6.5, cost_per_case="5.20 EUR", source="time study, 120 cases"),
        slo=ResponseSlo(response_seconds=2, target_percent=95),
        budget=Budget(per_case="0.05 EUR", per_month="100 EUR"),
        input=Normalisation(text=text),
        review=ReviewPolicy(when=when, due_minutes=45),  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


TARGET = Target(provider="quoting", model="quoting-1", retries=0)
CHECKS = tuple(CheckSpec(guard=guard) for guard in ("output_schema", "citations", "facts"))
WORKFLOWS = (
    workflow(
        "help",
        {"en": "Help questions", "de": "Hilfefragen"},
        "flagged",
        "question",
        draft=Draft(chain=(TARGET,), text="answer"),
        retrieval=Retrieval(sources=(SourceSpec(path="knowledge/*.jsonl"),), passages=4),
        checks=CHECKS,
    ),
    workflow(
        "claims",
        {"en": "Claims", "de": "Schadensmeldungen"},
        "always",
        "mail",
        draft=Draft(chain=(TARGET,), text="summary"),
    ),
)
SCHEMAS = {"help": (HELP_IN, HELP_OUT), "claims": (CLAIM_IN, CLAIM_OUT)}
