"""SORT=DISPLAY (RFC 5957), on both stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH


@pytest.fixture(params=BOTH, ids=lambda make: make.__name__)
def mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Dialogue]:
    """An empty INBOX, selected."""
    stores = request.param(tmp_path)
    connection = Dialogue(next(stores).execute)
    connection.command("in LOGIN tim secret")
    connection.command("sel SELECT INBOX")
    yield connection
    next(stores, None)


def order(connection: Dialogue, criteria: str, fields: list[bytes]) -> list[int]:
    """How messages with one such field each are sorted."""
    for field in fields:
        connection.append(field + b"\r\n\r\nx")
    answer, tagged = connection.command(f"s SORT ({criteria}) UTF-8 ALL")[-2:]
    assert tagged == b"s OK SORT completed"
    return [int(number) for number in answer.removeprefix(b"* SORT").split()]


CASES = [
    # by name, not by address
    ([b"Zoe <a@x>", b"adam <z@x>", b"Bert <m@x>"], [2, 3, 1]),
    # the address where there is no name, and where it is empty
    ([b"c@x", b"b <z@x>", b'"" <a@x>', b"=?utf-8?q??= <d@x>"], [3, 2, 1, 4]),
    # with its host
    ([b"a@z", b"a@y", b"A@x", b'"A@X.a" <n@n>'], [3, 4, 2, 1]),
    # a name that is encoded, in any charset, case and accents as i;unicode-casemap has it
    ([b"=?utf-8?q?=C3=A4?= <x@x>", b"b <x@x>", b"=?iso-8859-1?q?=C4a?= <x@x>", b"A <x@x>"], [4, 1, 3, 2]),
    # a group is a mailbox without a host
    ([b"m <x@x>", b"group: a <a@x>;", b"h <x@x>"], [2, 3, 1]),
    # only the first address counts; none at all comes first
    ([b"b <x@x>, a <y@y>", b"a <x@x>, z <y@y>", b"", b"(nobody)"], [3, 4, 2, 1]),
    # quotes, backslashes and what takes a literal
    ([b'"b\\"\\\\" <x@x>', b'"b" <x@x>', b"b\xff <x@x>", b'"b\\"" <x@x>'], [2, 4, 1, 3]),
]


@pytest.mark.parametrize(("values", "expected"), CASES)
@pytest.mark.parametrize(("criterion", "field"), [("DISPLAYFROM", b"From: "), ("DISPLAYTO", b"To: ")])
def test_the_first_address_as_it_is_displayed(
    mailbox: Dialogue, criterion: str, field: bytes, values: list[bytes], expected: list[int]
) -> None:
    assert order(mailbox, criterion, [field + value for value in values]) == expected


def test_among_other_criteria(mailbox: Dialogue) -> None:
    headers = [b"From: b <x@x>\r\nSubject: 1", b"From: a <x@x>\r\nSubject: 1", b"From: b <x@x>\r\nSubject: 0"]
    assert order(mailbox, "REVERSE DISPLAYFROM SUBJECT", headers) == [3, 1, 2]


def test_each_field_for_itself(mailbox: Dialogue) -> None:
    headers = [b"From: b <x@x>\r\nTo: b <x@x>", b"To: a <x@x>\r\nSender: z <z@z>", b"From: a <x@x>"]
    assert order(mailbox, "DISPLAYFROM", headers) == [2, 3, 1]
    assert order(mailbox, "DISPLAYTO", []) == [3, 2, 1]
