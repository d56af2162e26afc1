"""What does a reviewer see of one case: input, marked draft, marked sources, what the checks said?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leitstand.domain.case import WAITING, CaseSummary
from leitstand.domain.retrieval import Passage
from leitstand.domain.sentences import Span
from leitstand.domain.tool_told import sources_of
from leitstand.encoding import plain
from leitstand.runtime.parts import Installed
from leitstand.web.pages.citations import Citation, citations
from leitstand.web.pages.form import Field, escape, fields_of, spoken
from leitstand.web.pages.highlight import Mark, Piece, pieces
from leitstand.web.pages.proposals import Proposal, proposals_of, told_in
from leitstand.web.pages.queues import subject
from leitstand.web.pages.words import VERDICT_GLYPHS, VERDICTS, guard_name, reason, text_in, word
from leitstand.web.speech import Speech

Data = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What a check points at: its text, and the mark it leads to (``""`` for none)."""

    text: str
    leads_to: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """What one guardrail said."""

    name: str
    verdict: str
    word: str
    glyph: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A passage in citation order; ``cited`` when the draft names it."""

    number: int
    passage: Passage
    pieces: tuple[Piece, ...]
    cited: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseView:
    """Everything the review page and its fragment show. Texts are plain text, never markup."""

    summary: CaseSummary
    workflow: str
    subject: str
    input_pieces: tuple[Piece, ...]
    input_fields: tuple[tuple[str, object], ...]
    quoted: str
    draft: Data | None
    draft_pieces: tuple[Piece, ...]
    main: str
    citations: tuple[Citation, ...]
    sources: tuple[Source, ...]
    checks: tuple[Check, ...]
    reasons: tuple[str, ...]
    fields: tuple[Field, ...]
    reject_reasons: tuple[str, ...]
    proposals: tuple[Proposal, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether a person may still decide."""
        return self.summary.case.status in WAITING

    @property
    def input_length(self) -> int:
        """Characters of the input text."""
        return sum(len(piece.text) for piece in self.input_pieces)

    @property
    def input_is_subject(self) -> bool:
        """Whether the heading already says all of the input."""
        text = "".join(piece.text for piece in self.input_pieces)
        marked = any(piece.marks for piece in self.input_pieces)
        return text.strip() == self.subject and not (marked or self.input_fields or self.quoted)

    @property
    def verbatim(self) -> int:
        """Citations whose sentence stands word for word in the passage."""
        return sum(citation.verbatim for citation in self.citations)


def view_of(summary: CaseSummary, installed: Installed, contents: Mapping[str, bytes], say: Speech) -> CaseView:
    """The view of a case from its contents; erased or missing contents leave their place empty."""
    workflow = installed.workflow
    read = {name: plain(payload) for name, payload in contents.items()}
    given = read.get("normalised") or {"input": read.get("input") or {}, "text": "", "quoted": "", "signature": ""}
    passages = (
        *(Passage(**item) for item in read.get("passages") or ()),
        *sources_of(told_in(read), summary.case.tool_uses).values(),
    )
    draft = read.get("draft")
    text = str((draft or {}).get(workflow.draft.text, ""))
    cited = citations(text, [passage.text for passage in passages])
    findings = _findings(read.get("findings") or [], say)
    return CaseView(
        summary=summary,
        workflow=text_in(workflow.title, say.language),
        subject=subject(contents.get("input"), workflow.input),
        input_pieces=pieces(str(given["text"]), _finding_marks(findings, "input")),
        input_fields=_others(given["input"], workflow.input.text),
        quoted=str(given["quoted"]),
        draft=draft,
        draft_pieces=pieces(text, [*_citation_marks(cited, say), *_finding_marks(findings, "draft")]),
        main=f"/{escape(workflow.draft.text)}",
        citations=cited,
        sources=_sources(passages, cited, findings),
        checks=tuple(_check(judgement, findings, say) for judgement in read.get("findings") or ()),
        reasons=tuple(reason(code, say) for code in summary.case.reasons),
        fields=fields_of(spoken(installed.output_schema, say.language), draft or {}, long=workflow.draft.text),
        reject_reasons=workflow.review.reject_reasons,
        proposals=proposals_of(summary.case, workflow, contents, say),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """A finding with its place in the order of all findings and its message in words."""

    id: str
    guard: str
    where: str
    span: Span
    text: str


def _findings(judgements: Sequence[Data], say: Speech) -> tuple[_Found, ...]:
    found = [(judgement, finding) for judgement in judgements for finding in _list(judgement.get("findings"))]
    return tuple(
        _Found(
            id=f"finding-{place}",
            guard=str(judgement["guard"]),
            where=str(finding["where"]),
            span=Span(int(finding["start"]), int(finding["end"])),
            text=say(str(finding["message"]), **dict(finding.get("values") or ())),
        )
        for place, (judgement, finding) in enumerate(found, 1)
    )


def _list(value: object) -> list[dict]:  # type: ignore[type-arg]
    return value if isinstance(value, list) else []


def _finding_marks(findings: Sequence[_Found], where: str) -> list[Mark]:
    return [
        Mark(id=item.id, kind="finding", span=item.span, note=item.text) for item in findings if item.where == where
    ]


def _citation_marks(cited: Sequence[Citation], say: Speech) -> list[Mark]:
    """A citation leads to its support, else to its passage; one that names no passage leads nowhere."""
    marks = []
    for place, citation in enumerate(cited, 1):
        target = support_id(place) if citation.support else f"source-{citation.passage}"
        note = (
            say("Source {n}, word for word", n=citation.passage)
            if citation.verbatim
            else say("Source {n}", n=citation.passage)
        )
        marks.append(Mark(id=f"citation-{place}", kind="citation", span=citation.span, leads_to=target, note=note))
    return marks


def support_id(place: int) -> str:
    """The element id of the support of the citation at ``place`` (from 1)."""
    return f"support-{place}"


def _sources(passages: Sequence[Passage], cited: Sequence[Citation], findings: Sequence[_Found]) -> tuple[Source, ...]:
    found = []
    for number, passage in enumerate(passages, 1):
        marks = [
            Mark(id=support_id(place), kind="support", span=citation.support)
            for place, citation in enumerate(cited, 1)
            if citation.passage == number and citation.support
        ]
        marks += _finding_marks(findings, f"passage:{passage.id}")
        is_cited = any(citation.passage == number for citation in cited)
        found.append(Source(number=number, passage=passage, pieces=pieces(passage.text, marks), cited=is_cited))
    return tuple(found)


def _check(judgement: Data, findings: Sequence[_Found], say: Speech) -> Check:
    guard, verdict = str(judgement["guard"]), str(judgement["verdict"])
    mine = [item for item in findings if item.guard == guard]
    return Check(
        name=guard_name(guard, say),
        verdict=verdict,
        word=word(VERDICTS, verdict, say),
        glyph=VERDICT_GLYPHS.get(verdict, "?"),
        notes=tuple(Note(text=item.text, leads_to=item.id if item.span.end > item.span.start else "") for item in mine),
    )


def _others(value: Data, main: str) -> tuple[tuple[str, object], ...]:
    return tuple((name.replace("_", " ").capitalize(), item) for name, item in value.items() if name != main)
