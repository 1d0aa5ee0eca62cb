from pathlib import Path

import pytest

from angarium.spec.catalogue import Aside, Binds, Document, Level, Requirement, Witness, load
from angarium.spec.coverage import Gap, compare, heading, read_text, sections_of, words_of_text

TEXTS = Path(__file__).parents[4] / "shared" / "rfc"

PAGES = """
Network Working Group                                        A. Author
Status of this Memo: it MUST be read.

Table of Contents
   1.  Introduction .......... 1
   2.  Rules ................. 2

1.  Introduction
   The words MUST, "MUST NOT", and must are what they are. A client MUST

Author                       Standards Track                    [Page 1]
\f
RFC 1234                     A Protocol                     January 2001

   NOT go on; it SHOULD
   NOT stop.  This is RECOMMENDED, that is NOT RECOMMENDED.
2.1.  Rules
   In
2001 it MAYBE rained, which is OPTIONAL.
1. This is a list and MAY have begun at the start of a line.
   |  A server MUST
   |  NOT sing.
Appendix A.  More
A.1.  Still more
   It SHALL NOT be REQUIRED.
"""


def test_words_are_counted_by_section() -> None:
    expected = {"abstract": 1, "1": 6, "2.1": 3, "A": 0, "A.1": 2}
    assert dict(words_of_text(PAGES)) == expected


def test_pages_leave_no_trace() -> None:
    assert "A Protocol" not in "".join(sections_of(PAGES).values())
    assert "[Page" not in "".join(sections_of(PAGES).values())


@pytest.mark.parametrize(
    ("line", "section"),
    [
        ("1. Abstract", "1"),
        ("6.1  Server action", "6.1"),
        ("3.1.4.1.  FETCH", "3.1.4.1"),
        ("Appendix A.  Obsolete", "A"),
        ("APPENDIX B: More", "B"),
        ("Appendix C", "C"),
        ("A.1.  Naming", "A.1"),
        ("A. Appendix -- Compliance", "A"),
        ("   1.  Introduction", None),
        ("1999 was a year", None),
        ("A sentence", None),
        ("3D is nothing", None),
        ("", None),
    ],
)
def test_heading(line: str, section: str | None) -> None:
    assert heading(line) == section


def document(*rows: tuple[str, int], sections: tuple[str, ...] = ()) -> Document:
    requirements = tuple(
        Requirement(f"rfc1234-{section}-1", Level.MUST, Binds.CLIENT, "text", Witness.NONE, keywords=keywords, why="why")
        for section, keywords in rows
    )
    return Document("rfc1234", 1234, "A Protocol", requirements, (Aside("abstract", 1, "why"),), sections)


def test_gaps_are_told_in_the_order_of_sections() -> None:
    counted = document(("1", 6), ("2.1", 4), ("9", 1))
    assert compare(counted, PAGES) == (Gap("2.1", 3, 4), Gap("9", 0, 1), Gap("A.1", 2, 0))


def test_no_gap() -> None:
    assert compare(document(("1", 6), ("2.1", 3), ("A.1", 2)), PAGES) == ()


def test_only_some_sections_are_answered_for() -> None:
    assert compare(document(("1", 6), sections=("1",)), PAGES) == ()
    assert compare(document(("1", 6), sections=("1", "2.1")), PAGES) == (Gap("2.1", 3, 0),)


def test_texts_are_found_by_number(tmp_path: Path) -> None:
    (tmp_path / "rfc1.txt").write_bytes(b"\xef\xbb\xbfone")
    (tmp_path / "rfc2-reflowed.txt").write_text("two")
    assert [read_text(tmp_path, number) for number in (1, 2, 3)] == ["one", "two", None]


@pytest.mark.parametrize("document", load(), ids=lambda document: document.name)
def test_the_catalogue_accounts_for_every_word(document: Document) -> None:
    text = read_text(TEXTS, document.rfc)
    if text is None:
        pytest.skip("needs the texts of the RFCs beside the checkout, in ../shared/rfc")
    assert compare(document, text) == ()
