"""Clauses of RFC 9051 §6.4.5 and §7.5.2: the items of FETCH, sections and partials."""

from collections.abc import Callable

import pytest

from conformance.dialogue import Dialogue

STATIC = "(UID INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE BODY.PEEK[] BINARY.PEEK[1] BINARY.SIZE[1])"


def fetched(connection: Dialogue, items: str) -> bytes:
    """What FETCH says of message 1."""
    data, answer = connection.command(f"f FETCH 1 {items}")
    assert answer.startswith(b"f OK "), answer
    return data


def test_static_data_stay(inbox: Dialogue, log_in: Callable[[], Dialogue]) -> None:
    before = fetched(inbox, STATIC)
    inbox.command("a STORE 1 +FLAGS (\\Flagged Work)")
    inbox.command("b COPY 1 INBOX")
    assert fetched(inbox, STATIC) == before
    inbox.command("c FETCH 1 BODY[]")
    inbox.command("d STORE 2 +FLAGS (\\Deleted)")
    inbox.command("e EXPUNGE")
    assert fetched(inbox, STATIC) == before
    other = log_in()
    other.command("f EXAMINE INBOX")
    assert fetched(other, STATIC) == before


@pytest.mark.parametrize(
    ("macro", "items"),
    [
        ("FAST", "(FLAGS INTERNALDATE RFC822.SIZE)"),
        ("ALL", "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"),
        ("FULL", "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)"),
    ],
)
def test_macros(inbox: Dialogue, macro: str, items: str) -> None:
    assert fetched(inbox, macro) == fetched(inbox, items)


@pytest.mark.parametrize("items", ["(ALL)", "(FAST UID)", "ALL UID", "FULL FAST"])
def test_a_macro_stands_alone(inbox: Dialogue, items: str) -> None:
    (answer,) = inbox.command(f"a FETCH 1 {items}")
    assert answer.startswith(b"a BAD ")


@pytest.mark.parametrize(
    ("item", "answer"),
    [
        ("BODY.PEEK[]", b"BODY[] {25}\r\nSubject: hello\r\n\r\nhello\r\n"),
        ("BODY.PEEK[]<0.7>", b"BODY[]<0> {7}\r\nSubject"),
        ("BODY.PEEK[]<0.2048>", b"BODY[]<0> {25}\r\nSubject: hello\r\n\r\nhello\r\n"),
        ("BODY.PEEK[TEXT]<2.3>", b"BODY[TEXT]<2> {3}\r\nllo"),
        ("BODY.PEEK[TEXT]<5.300>", b"BODY[TEXT]<5> {2}\r\n\r\n"),
        ("BODY.PEEK[TEXT]<7.1>", b'BODY[TEXT]<7> ""'),
        ("BODY.PEEK[TEXT]<9999999999.1>", b'BODY[TEXT]<9999999999> ""'),
        ("BINARY.PEEK[1]", b"BINARY[1] {7}\r\nhello\r\n"),
        ("BINARY.PEEK[1]<0.2048>", b"BINARY[1]<0> {7}\r\nhello\r\n"),
        ("BINARY.PEEK[1]<3.2>", b"BINARY[1]<3> {2}\r\nlo"),
    ],
)
def test_partial(inbox: Dialogue, item: str, answer: bytes) -> None:
    assert fetched(inbox, item) == b"* 1 FETCH (" + answer + b")"


def test_partial_of_chosen_fields(tim: Dialogue) -> None:
    tim.append(b"From: a@b\r\nSubject: x\r\nTo: c@d\r\n\r\n")
    tim.command("a SELECT INBOX")
    name = b"* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT TO)]<3> {12}\r\n"
    assert fetched(tim, "BODY.PEEK[HEADER.FIELDS (SUBJECT TO)]<3.12>") == name + b"ject: x\r\nTo:)"


@pytest.mark.parametrize("item", ["BODY[]", "BODY[TEXT]", "BODY[1]", "BODY[HEADER]", "BODY[1.MIME]", "BINARY[1]", "BODY[]<0.1>"])
def test_seen_is_set_and_told(inbox: Dialogue, item: str) -> None:
    assert fetched(inbox, item).endswith(b" FLAGS (\\Seen \\Recent))")
    assert b"FLAGS" not in fetched(inbox, item)
    assert inbox.command("a SEARCH SEEN")[0] == b"* SEARCH 1"


@pytest.mark.parametrize(
    "items", ["BODY.PEEK[]", "BODY.PEEK[1]", "BINARY.PEEK[1]", "BINARY.SIZE[1]", "FULL", "BODYSTRUCTURE", "RFC822.HEADER"]
)
def test_peek_sets_nothing(inbox: Dialogue, items: str) -> None:
    assert b"Seen" not in fetched(inbox, items)
    assert inbox.command("a SEARCH SEEN")[0] == b"* SEARCH"


@pytest.mark.parametrize("section", ["MIME", "HEADER.MIME", "TEXT.1", "1.MIME.TEXT", "0", "1.0"])
def test_mime_needs_a_part(inbox: Dialogue, section: str) -> None:
    (answer,) = inbox.command(f"a FETCH 1 BODY[{section}]")
    assert answer.startswith(b"a BAD ")


def test_headers_may_be_utf8(tim: Dialogue) -> None:
    header = "Subject: Grüße\r\n\r\n".encode()
    tim.append(header + b"x\r\n")
    tim.command("a SELECT INBOX")
    assert fetched(tim, "BODY.PEEK[HEADER]") == b"* 1 FETCH (BODY[HEADER] {%d}\r\n%b)" % (len(header), header)


def test_what_is_no_text_is_sent_encoded(tim: Dialogue) -> None:
    tim.append(b"Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n\x89PNG\r\n\x1a\n\xff\xd8")
    tim.command("a SELECT INBOX")
    assert fetched(tim, "BODY.PEEK[1]").isascii()
