"""``angarium spec``: what the RFCs demand, and what witnesses that it is met."""

from argparse import Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from angarium.server.cli.complaints import FINE, PROBLEM, ProblemFound, UsageError, warn
from angarium.server.cli.output import print_json, print_rows
from angarium.spec.catalogue import Document, Level, Requirement, load, section_title
from angarium.spec.coverage import Figures, Gap, compare, figures, read_text, words_of_text


def list_requirements(chosen: Namespace) -> int:
    """Print the rows that were asked for, one a line."""
    rows = [row for document in load() for row in document.requirements if _is_wanted(row, document, chosen)]
    if chosen.json:
        print_json([_as_json(row) for row in rows])
        return FINE
    lines = [(row.id, row.level.value, row.binds.value, row.witness.value, len(row.checks), row.text) for row in rows]
    print_rows(("id", "level", "binds", "witness", "checks", "demand"), lines)
    return FINE


def _is_wanted(row: Requirement, document: Document, chosen: Namespace) -> bool:
    return (
        chosen.rfc in (None, document.rfc)
        and chosen.level in (None, row.level.value)
        and chosen.binds in (None, row.binds.value)
        and chosen.witness in (None, row.witness.value)
        and (row.unwitnessed or not chosen.unchecked)
    )


def show(chosen: Namespace) -> int:
    """Print one row, or all of an RFC, with everything that the catalogue says of it."""
    wanted = chosen.what.lower()
    number = wanted.removeprefix("rfc")
    rows = [
        row for document in load() for row in document.requirements if row.id.lower() == wanted or str(document.rfc) == number
    ]
    if not rows:
        raise ProblemFound(
            f"the catalogue has no {chosen.what}; angarium spec list shows the ids, angarium spec coverage the RFCs"
        )
    if chosen.json:
        print_json([_as_json(row) for row in rows])
    else:
        print_rows(("row", "what the catalogue says"), [line for row in rows for line in _lines(row)])
    return FINE


def _lines(row: Requirement) -> Iterable[tuple[str, str]]:
    yield row.id, row.text
    yield "section", f"RFC {row.id.split('-')[0].removeprefix('rfc')} {section_title(row.section)}"
    yield "level", f"{row.level.value}, binds the {row.binds.value}"
    yield "witness", row.witness.value
    yield from (("check", check) for check in row.checks)
    if row.why:
        yield "why", row.why


def _as_json(row: Requirement) -> dict[str, Any]:
    return {
        "id": row.id,
        "section": row.section,
        "level": row.level.value,
        "binds": row.binds.value,
        "text": row.text,
        "witness": row.witness.value,
        "checks": list(row.checks),
        "keywords": row.keywords,
        "why": row.why,
    }


def coverage(chosen: Namespace) -> int:
    """Print how much of each RFC the catalogue has and how much is witnessed; 1 where something is missing."""
    texts = Path(chosen.rfc_texts) if chosen.rfc_texts else None
    if texts is not None and not texts.is_dir():
        raise UsageError(f"{texts} is no folder: give one with files such as rfc9051.txt")
    documents = load()
    read = [read_text(texts, document.rfc) if texts else None for document in documents]
    gaps = [compare(document, text) if text else () for document, text in zip(documents, read, strict=True)]
    words = [_words(document, text) for document, text in zip(documents, read, strict=True)]
    if chosen.json:
        print_json([_figures_as_json(*each) for each in zip(documents, words, gaps, strict=True)])
    else:
        head = ("rfc", "title", "rows", *(level.value for level in Level), "testable", "witnessed", "checks", "words", "of")
        print_rows(head, [_figures_line(document, count) for document, count in zip(documents, words, strict=True)])
    complaints = [text for each in zip(documents, gaps, strict=True) for text in _complaints(*each)]
    for text in complaints:
        warn(text)
    return PROBLEM if complaints else FINE


def _words(document: Document, text: str | None) -> int | None:
    """Count the words that the document answers for in the text of its RFC."""
    if text is None:
        return None
    counted = words_of_text(text)
    return sum(counted[section] for section in document.sections or counted)


def _figures_line(document: Document, words: int | None) -> Sequence[object]:
    counted: Figures = figures(document)
    levels = [counted.levels.get(level, 0) for level in Level]
    checked = (counted.testable, counted.witnessed, counted.checks, counted.words)
    return (document.rfc, document.title, counted.rows, *levels, *checked, "?" if words is None else words)


def _figures_as_json(document: Document, words: int | None, gaps: Sequence[Gap]) -> dict[str, Any]:
    counted = figures(document)
    return {
        "rfc": document.rfc,
        "title": document.title,
        "rows": counted.rows,
        "levels": {level.value: number for level, number in counted.levels.items()},
        "binds": {binds.value: number for binds, number in counted.binds.items()},
        "witnesses": {witness.value: number for witness, number in counted.witnesses.items()},
        "testable": counted.testable,
        "witnessed": counted.witnessed,
        "checks": counted.checks,
        "words": counted.words,
        "words_in_text": words,
        "gaps": [{"section": gap.section, "in_text": gap.in_text, "in_rows": gap.in_rows} for gap in gaps],
        "unchecked": [row.id for row in document.requirements if row.unwitnessed],
    }


def _complaints(document: Document, gaps: Sequence[Gap]) -> Iterable[str]:
    for gap in gaps:
        place = f"RFC {document.rfc} {section_title(gap.section)}"
        yield f"{place} has {gap.in_text} RFC 2119 words, the catalogue accounts for {gap.in_rows}"
    for row in document.requirements:
        if row.unwitnessed:
            yield f"{row.id} could be tested and has no check"
