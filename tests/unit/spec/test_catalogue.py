from pathlib import Path

import pytest

from angarium.spec import witnesses
from angarium.spec.catalogue import (
    Aside,
    Binds,
    CatalogueError,
    Document,
    Level,
    Requirement,
    Witness,
    load,
    read_document,
    section_key,
)

DOCUMENTS = load()
HEAD = 'rfc = 9051\ntitle = "IMAP4rev2"\n'
ROW = """
[[requirement]]
id = "rfc9051-6.3.2-1"
level = "MUST NOT"
binds = "server"
text = "A failed SELECT selects nothing."
witness = "outside"
checks = ["relation: RFC 9051 §6.3.2: nothing is selected"]
"""
ASIDE = '[[aside]]\nsection = "1.2"\nkeywords = 9\nwhy = "defines the words"\n'


def test_a_document_is_read() -> None:
    check = "relation: RFC 9051 §6.3.2: nothing is selected"
    row = Requirement(
        "rfc9051-6.3.2-1", Level.MUST_NOT, Binds.SERVER, "A failed SELECT selects nothing.", Witness.OUTSIDE, (check,)
    )
    expected = Document("rfc9051", 9051, "IMAP4rev2", (row,), (Aside("1.2", 9, "defines the words"),), ("1.2", "6.3.2"))
    assert read_document("rfc9051", HEAD + 'sections = ["1.2", "6.3.2"]\n' + ROW + ASIDE) == expected
    assert row.section == "6.3.2"
    assert row.keywords == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("rfc = ", "rfc9051.toml: Invalid value"),
        ('title = "IMAP4rev2"', "the head needs rfc"),
        (HEAD + "pages = 3", "nobody knows pages"),
        (HEAD + ROW + "colour = 1", "rfc9051.toml: rfc9051-6.3.2-1: colour = 1"),
        (HEAD + ROW + "keywords = '1'", "keywords = '1' is not"),
        (HEAD + ROW + "keywords = -1", "keywords of 0 or more"),
        (HEAD + ROW.replace('level = "MUST NOT"', ""), "it lacks level"),
        (HEAD + ROW.replace("MUST NOT", "SHALL"), "'SHALL' is not one of MUST, MUST NOT, SHOULD, SHOULD NOT, MAY"),
        (HEAD + ROW.replace("A failed SELECT selects nothing.", ""), "it needs a text"),
        (HEAD + ROW.replace("6.3.2-1", "six-1"), "an id is rfcNUMBER-SECTION-NUMBER"),
        (HEAD + ROW.replace("rfc9051", "rfc3501"), "this is the file of RFC 9051"),
        (HEAD + ROW + ROW, "not in the order"),
        (HEAD + ROW + ROW.replace("6.3.2-1", "6.3.1-7"), "not in the order"),
        (HEAD + ROW.replace("outside", "none"), "it needs why"),
        (HEAD + ASIDE.replace("9\n", "0\n"), "rfc9051.toml: aside of 1.2: it needs a section"),
        (HEAD + ASIDE.replace('why = "defines the words"', ""), "it lacks why"),
    ],
)
def test_a_row_that_is_not_well_formed_is_named(text: str, complaint: str) -> None:
    with pytest.raises(CatalogueError, match=r"^rfc9051\.toml: ") as error:
        read_document("rfc9051", text)
    assert complaint in str(error.value)


def test_sections_have_the_order_of_the_rfc() -> None:
    mixed = ["A.1", "B", "10", "2.10", "2.9", "A", "2", "1.1", "abstract", "1"]
    assert sorted(mixed, key=section_key) == ["abstract", "1", "1.1", "2", "2.9", "2.10", "10", "A", "A.1", "B"]


def test_there_is_a_catalogue() -> None:
    assert DOCUMENTS
    assert all(document.requirements for document in DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_check_exists(document: Document) -> None:
    assert witnesses.missing(document) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_what_binds_the_server_and_can_be_tested_has_a_check(document: Document) -> None:
    assert [row.id for row in document.requirements if row.unwitnessed] == []


@pytest.mark.parametrize(
    ("binds", "witness", "checks", "unwitnessed"),
    [
        (Binds.SERVER, Witness.OUTSIDE, (), True),
        (Binds.BOTH, Witness.INSIDE, (), True),
        (Binds.SERVER, Witness.OUTSIDE, ("tests/x.py::test_y",), False),
        (Binds.SERVER, Witness.NONE, (), False),
        (Binds.CLIENT, Witness.OUTSIDE, (), False),
    ],
)
def test_unwitnessed(binds: Binds, witness: Witness, checks: tuple[str, ...], unwitnessed: bool) -> None:
    assert Requirement("rfc1-1-1", Level.MUST, binds, "text", witness, checks).unwitnessed is unwitnessed


@pytest.mark.parametrize(
    ("check", "there"),
    [
        ("relation: RFC 9051 §6.3.2: UIDNEXT", True),
        ("relation: RFC 9051 §6.3.2: UIDNEXTS", False),
        ("tests/test_x.py::test_y", True),
        ("tests/test_x.py::test_async", True),
        ("tests/test_x.py::TestZ::test_y", True),
        ("tests/test_x.py::test_other", False),
        ("tests/test_y.py::test_y", False),
        ("tests/conformance/select.txt", True),
        ("tests/conformance/close.txt", False),
        ("tests/test_x.py", False),
    ],
)
def test_a_check_exists(check: str, there: bool, tmp_path: Path) -> None:
    (tmp_path / "tests" / "conformance").mkdir(parents=True)
    (tmp_path / "tests" / "conformance" / "select.txt").write_text("C: a1 SELECT INBOX\n")
    module = (
        "def test_y(): ...\nasync def test_async(): ...\nclass TestZ:\n    def test_y(self): ...\n    def test_other(self): ...\n"
    )
    (tmp_path / "tests" / "test_x.py").write_text(module)
    assert witnesses.exists(check, tmp_path) is there


def test_missing_names_row_and_check(tmp_path: Path) -> None:
    document = read_document("rfc9051", HEAD + ROW.replace("relation: RFC 9051 §6.3.2: nothing is selected", "tests/x.py::y"))
    assert witnesses.missing(document, tmp_path) == ["rfc9051.toml: rfc9051-6.3.2-1: tests/x.py::y"]


def test_rules_are_what_is_given_to_calls(tmp_path: Path) -> None:
    source = """
'RFC 1 §1: opening'
NAME = 'RFC 1 §3: constant'
require(x, 'RFC 1 §2: second', 'evidence')
answer.expect(rule='RFC 1 Appendix E: named')
"""
    (tmp_path / "module.py").write_text(source)
    assert witnesses.rules(tmp_path) == {"RFC 1 §2: second", "RFC 1 Appendix E: named"}
