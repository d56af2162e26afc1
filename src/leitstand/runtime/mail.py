"""Which part of a mail is new, which is quoted history, and which is the signature? German and English."""

import re
from dataclasses import dataclass

_MARKER = re.compile(
    r"^[ >*]*-{2,}\s*(?:Ursprüngliche Nachricht|Original-?nachricht|Original Message|Weitergeleitete Nachricht"
    r"|Anfang der weitergeleiteten Nachricht|Forwarded message|Begin forwarded message)[^\n]{0,40}$",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(r"^(?:On|Am)\b(?=.*\d).{5,300}\b(?:wrote|schrieb)\b.{0,200}:$")
"""``Am 3. Mai 2024 um 10:12 schrieb Erika Muster <e@example.org>:``; without a date it is part of a story."""

_FIRST_HEADER = re.compile(r"^\*?(?:Von|From)\*?:\s*\S")
_NEXT_HEADER = re.compile(
    r"^\*?(?:Gesendet|Datum|An|Cc|Kopie|Betreff|Sent|Date|To|Subject|Reply-To)\*?:", re.IGNORECASE
)
_RULE = re.compile(r"^[_=-]{8,}$")
_CLOSING = re.compile(
    r"^(?:mit (?:freundlichen|besten|herzlichen|vielen|lieben) gr(?:ü|ue)(?:ß|ss)en"
    r"|(?:(?:viele|liebe|beste|herzliche|freundliche|sch(?:ö|oe)ne) )?gr(?:ü|ue)(?:ß|ss)e\b|mfg\b|hochachtungsvoll"
    r"|(?:(?:kind|best|warm|many) )?regards\b|(?:yours )?(?:sincerely|faithfully)\b|best wishes\b|cheers\b)",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b(?:tel|telefon|phone|fon|fax|mobil|mobile|handy|e-?mail|web|internet|ust-?id|hrb)\b\s*[.:]|https?://|www\.|\S@\S"
    r"|\b(?:GmbH|AG|KG|Ltd|Inc|LLC|e\.\s?V)\b|\b\d{5}\s+[A-ZÄÖÜ]|\+\d{2}[\d ()/-]{6,}|(?:straße|strasse|str\.)\s*\d",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"^(?:von meinem .{1,40} gesendet|gesendet (?:von|mit) .{1,60}|sent from (?:my )?.{1,60})\.?$", re.IGNORECASE
)

_LONGEST_SIGNATURE = 20
"""Lines; a longer end of a mail is text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailParts:
    """A mail in its parts, each without blank lines around it; joined they hold all that was there."""

    text: str
    quoted: str = ""
    signature: str = ""


def split_mail(text: str) -> MailParts:
    """The parts of a cleaned mail text. What would leave no new text is not separated: then the history is the case."""
    if "\n" not in text:
        return MailParts(text=text.strip())
    lines, quoted = _without_quotes(text.split("\n"))
    start = _history_start(lines)
    if any(line.strip() for line in lines[:start]):
        lines, quoted = lines[:start], quoted + lines[start:]
    end = _signature_start(lines)
    lines, signature = lines[:end], lines[end:]
    return MailParts(text=_joined(lines), quoted=_joined(quoted), signature=_joined(signature))


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_quotes(lines: list[str]) -> tuple[list[str], list[str]]:
    """Blocks of lines with ``>`` and the attribution above; one line without it may be a comparison."""
    kept: list[str] = []
    quoted: list[str] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].startswith(">"):
            end += 1
        above = _attribution_above(kept) if end > at else len(kept)
        if end - at >= 2 or above < len(kept):
            quoted += [*kept[above:], *lines[at:end]]
            kept[above:] = [""]
        else:
            kept += lines[at : max(end, at + 1)]
        at = max(end, at + 1)
    return (kept, quoted) if any(line.strip() for line in kept) else (lines, [])


def _attribution_above(kept: list[str]) -> int:
    """Where the attribution at the end of ``kept`` begins, its length when there is none; it may span three lines."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    for length in (1, 2, 3):
        part = kept[max(end - length, 0) : end]
        if part and all(line.strip() for line in part) and _ATTRIBUTION.match(" ".join(part)):
            return end - length
    return len(kept)


def _history_start(lines: list[str]) -> int:
    """The first line of the history below the text, the number of lines when there is none."""
    for at, line in enumerate(lines):
        if _MARKER.match(line) or _begins_attribution(lines, at) or _begins_headers(lines, at):
            return at - 1 if at and _RULE.match(lines[at - 1]) else at
    return len(lines)


def _begins_attribution(lines: list[str], at: int) -> bool:
    if not lines[at].startswith(("On ", "Am ")):
        return False
    for length in (1, 2, 3):
        part = lines[at : at + length]
        if not all(line.strip() for line in part):
            return False
        if _ATTRIBUTION.match(" ".join(part)):
            return True
    return False


def _begins_headers(lines: list[str], at: int) -> bool:
    """``Von:`` and two more header lines right below."""
    if not _FIRST_HEADER.match(lines[at]):
        return False
    below = lines[at + 1 : at + 3]
    return len(below) == 2 and all(_NEXT_HEADER.match(line) for line in below)


def _signature_start(lines: list[str]) -> int:
    """The first line of the signature, or the number of lines; again until there is no other one above it."""
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    end = len(lines)
    while True:
        while end and not lines[end - 1].strip():
            end -= 1
        window = max(end - _LONGEST_SIGNATURE, 0)
        start = window + _last_signature(lines[window:end])
        if not first < start < end:
            return end
        end = start


def _last_signature(lines: list[str]) -> int:
    for at in range(len(lines) - 1, -1, -1):
        if lines[at] == "--" or (_DEVICE.match(lines[at]) and at == len(lines) - 1):
            return at
    for at, line in enumerate(lines):
        if _CLOSING.match(line) and sum(1 for below in lines[at + 1 :] if _CONTACT.search(below)) >= 2:
            return at
    return len(lines)
