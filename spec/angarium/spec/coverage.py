"""Count the RFC 2119 words of an RFC's text, section by section, and compare with what the catalogue accounts for.

A word counts where it is written in capitals (RFC 8174 §2). ``MUST NOT`` is one word, also where a line or a page ends in it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from angarium.spec.catalogue import ABSTRACT, Binds, Document, Level, Witness, section_key

_PAGE_END: Final = re.compile(r"^\S.*\[Page [0-9ivx]+\]\s*$|^RFC \d+\s.*\s(?:19|20)\d\d\s*$")
_HEADING: Final = re.compile(
    r"(?:(?:Appendix|APPENDIX)\s+(?P<appendix>[A-Z])\b|(?P<letter>[A-Z])(?=\.)|(?P<number>\d+))"
    r"(?P<below>(?:\.\d+)*)\.?(?:[\s:]|\Z)"
)
_BREAK: Final = r"[\s|]+"
"""Between the words of a phrase; the newest RFCs draw a bar beside an aside."""
_WORD: Final = re.compile(
    rf"\b(?:MUST{_BREAK}NOT|SHALL{_BREAK}NOT|SHOULD{_BREAK}NOT|NOT{_BREAK}RECOMMENDED"
    r"|MUST|REQUIRED|SHALL|SHOULD|RECOMMENDED|MAY|OPTIONAL)\b"
)
_NUMBER_MAX: Final = 99
"""Top-level sections have small numbers: a year at the start of a line is no heading."""


@frozen
class Gap:
    """A section where the catalogue accounts for more or fewer words than the RFC has."""

    section: str
    in_text: int
    in_rows: int


def words_of_text(text: str) -> Counter[str]:
    """Count the words of each section of an RFC."""
    return Counter({section: len(_WORD.findall(body)) for section, body in sections_of(text).items()})


def sections_of(text: str) -> dict[str, str]:
    """Cut the text of an RFC into sections, without the heads and feet of pages."""
    bodies: dict[str, list[str]] = {ABSTRACT: []}
    current = ABSTRACT
    for line in _lines(text):
        section = heading(line)
        if section and section_key(section) > section_key(current):
            current = section
            bodies[current] = []
        bodies[current].append(line)
    return {section: "\n".join(lines) for section, lines in bodies.items()}


def heading(line: str) -> str | None:
    """Return the section that begins with a line: headings stand at its very start, the table of contents does not."""
    found = _HEADING.match(line)
    if not found or int(found["number"] or 0) > _NUMBER_MAX:
        return None
    first: str = found["appendix"] or found["letter"] or found["number"]
    return first + found["below"]


def _lines(text: str) -> Iterator[str]:
    for line in text.replace("\f", "").splitlines():
        if not _PAGE_END.match(line):
            yield line


def words_of_rows(document: Document) -> Counter[str]:
    """Count the words that requirements and asides of each section stand for."""
    counts: Counter[str] = Counter()
    for requirement in document.requirements:
        counts[requirement.section] += requirement.keywords
    for aside in document.asides:
        counts[aside.section] += aside.keywords
    return counts


def compare(document: Document, text: str) -> tuple[Gap, ...]:
    """Find the sections where catalogue and text differ; only those that the document answers for."""
    in_text, in_rows = words_of_text(text), words_of_rows(document)
    sections = document.sections or sorted({*in_text, *in_rows}, key=section_key)
    return tuple(Gap(section, in_text[section], in_rows[section]) for section in sections if in_text[section] != in_rows[section])


def read_text(folder: Path, rfc: int) -> str | None:
    """Read the text of an RFC from a folder of such texts; None where it is not there."""
    for name in (f"rfc{rfc}.txt", f"rfc{rfc}-reflowed.txt"):
        if (folder / name).is_file():
            # The newest texts begin with a byte-order mark.
            return (folder / name).read_text("utf-8-sig")
    return None


@frozen
class Figures:
    """How many rows a document has, of each kind, and how far they are witnessed."""

    rows: int
    levels: Mapping[Level, int]
    binds: Mapping[Binds, int]
    witnesses: Mapping[Witness, int]
    testable: int
    """Rows that bind the server and that a test can witness."""
    witnessed: int
    """Those of them that have a check."""
    checks: int
    """Different checks."""
    words: int
    """RFC 2119 words that rows and asides account for."""


def figures(*documents: Document) -> Figures:
    """Count the rows of documents."""
    rows = [row for document in documents for row in document.requirements]
    testable = [row for row in rows if row.testable]
    return Figures(
        rows=len(rows),
        levels=Counter(row.level for row in rows),
        binds=Counter(row.binds for row in rows),
        witnesses=Counter(row.witness for row in rows),
        testable=len(testable),
        witnessed=sum(not row.unwitnessed for row in testable),
        checks=len({check for row in rows for check in row.checks}),
        words=sum(words_of_rows(document).total() for document in documents),
    )
