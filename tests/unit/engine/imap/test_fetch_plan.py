import pytest

from angarium.engine.imap.fetch_plan import plan
from angarium.engine.operations import Column, MessageRow
from angarium.grammar.imap.commands import FetchAttribute, FetchBinary, FetchBinarySize, FetchBody, FetchItem
from angarium.grammar.imap.sections import Partial, Section, SectionText

ROW = MessageRow(7, (b"x",), 9, b'"date"', 10, b"(env)", b"(body)", b"(structure)")
WHOLE = Column.CONTENT | Column.SIZE


@pytest.mark.parametrize(
    ("items", "uid", "modseq", "octets"),
    [
        ((FetchItem.FLAGS,), False, False, b"* 1 FETCH (FLAGS (x)"),
        ((FetchItem.UID, FetchItem.FLAGS), True, False, b"* 1 FETCH (UID 7 FLAGS (x)"),
        ((FetchItem.RFC822_SIZE,), False, True, b"* 1 FETCH (RFC822.SIZE 10 MODSEQ (9)"),
        ((FetchItem.ENVELOPE, FetchItem.ENVELOPE), True, False, b"* 1 FETCH (UID 7 ENVELOPE (env)"),
        ((FetchItem.BODY, FetchItem.BODYSTRUCTURE), False, False, b"* 1 FETCH (BODY (body) BODYSTRUCTURE (structure)"),
        ((FetchItem.INTERNALDATE,), False, False, b'* 1 FETCH (INTERNALDATE "date"'),
        ((FetchBody(Section()),), False, False, b"* 1 FETCH ("),
    ],
)
def test_template(items: tuple[FetchAttribute, ...], uid: bool, modseq: bool, octets: bytes) -> None:
    work = plan(items, uid, modseq)
    flags = (b" ".join(ROW.flags),) if work.flags else ()
    assert work.template % (1, *work.values(ROW), *flags) == octets


def test_template_without_message_numbers() -> None:
    assert plan((FetchItem.RFC822_SIZE,), True, False, uid_only=True).template == b"* %d UIDFETCH (RFC822.SIZE %d"
    assert plan((FetchItem.UID,), True, False, uid_only=True).template == b"* %d UIDFETCH (UID %d"


HEADER = Section(text=SectionText.HEADER)


@pytest.mark.parametrize(
    ("item", "name", "columns", "sets_seen"),
    [
        (FetchBody(Section()), b"BODY[]", WHOLE | Column.FLAGS, True),
        (FetchBody(HEADER, peek=True), b"BODY[HEADER]", Column.HEADER, False),
        (FetchBody(Section((1, 2)), Partial(3, 4), peek=True), b"BODY[1.2]<3>", WHOLE | Column.PARTMAP, False),
        (FetchBody(Section(text=SectionText.TEXT), peek=True), b"BODY[TEXT]", WHOLE | Column.PARTMAP, False),
        (
            FetchBody(Section((1,), SectionText.HEADER_FIELDS, (b"To", b"(")), peek=True),
            b'BODY[1.HEADER.FIELDS (To "(")]',
            WHOLE | Column.PARTMAP,
            False,
        ),
        (FetchBinary((1,), Partial(0, 9)), b"BINARY[1]<0>", WHOLE | Column.PARTMAP | Column.FLAGS, True),
        (FetchBinary(peek=True), b"BINARY[]", WHOLE, False),
        (FetchBinarySize((2,)), b"BINARY.SIZE[2]", WHOLE | Column.PARTMAP, False),
        (FetchItem.RFC822, b"RFC822", WHOLE | Column.FLAGS, True),
        (FetchItem.RFC822_HEADER, b"RFC822.HEADER", Column.HEADER, False),
        (FetchItem.RFC822_TEXT, b"RFC822.TEXT", WHOLE | Column.PARTMAP | Column.FLAGS, True),
    ],
)
def test_content(item: FetchAttribute, name: bytes, columns: Column, sets_seen: bool) -> None:
    work = plan((item,), False, False)
    assert [content.name for content in work.contents] == [name]
    assert (work.columns, work.sets_seen) == (columns, sets_seen)


def test_sections_are_parted_by_spaces() -> None:
    body = FetchBody(Section(), peek=True)
    assert [content.name for content in plan((body, FetchItem.RFC822), False, False).contents] == [b"BODY[]", b" RFC822"]
    assert [content.name for content in plan((body,), True, False).contents] == [b" BODY[]"]
