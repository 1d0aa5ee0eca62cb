"""Which message a URL names (RFC 5092 §6, §7)."""

import pytest

from angarium.grammar.imap.sections import Partial, Section, SectionText
from angarium.grammar.imap.terminals import NUMBER64_MAX
from angarium.grammar.imap.urls import MessageUrl, UrlRefused, message_url, url_parser


@pytest.mark.parametrize(
    ("octets", "named"),
    [
        (b"/INBOX/;UID=20", MessageUrl("INBOX", 20)),
        (b"/inbox/;uid=20", MessageUrl("INBOX", 20)),
        (b"/gray-council;UIDVALIDITY=385759045/;UID=20", MessageUrl("gray-council", 20, 385_759_045)),
        (b"/a/b/;UID=1", MessageUrl("a/b", 1)),
        (b"/a//;UID=1", MessageUrl("a/", 1)),
        (b"/a/;UIDVALIDITY=2/;UID=1", MessageUrl("a/", 1, 2)),
        (b"/%2Fa%3B%3F%20&=:@(x)/;UID=1", MessageUrl("/a;? &=:@(x)", 1)),
        (b"/%E5%8F%B0%e5%8c%97/;UID=1", MessageUrl("台北", 1)),
        (b"/a/;UID=1/;SECTION=1.2.MIME", MessageUrl("a", 1, None, Section((1, 2), SectionText.MIME))),
        (b"/a/;UID=1/;SECTION=text/;PARTIAL=0.1024", MessageUrl("a", 1, None, Section(text=SectionText.TEXT), Partial(0, 1024))),
        (b"/a/;UID=1/;PARTIAL=7", MessageUrl("a", 1, None, Section(), Partial(7, NUMBER64_MAX))),
        (
            b"/a/;UID=1/;SECTION=HEADER.FIELDS%20(%22x%5Dy%22%20To)",
            MessageUrl("a", 1, None, Section((), SectionText.HEADER_FIELDS, (b"x]y", b"To"))),
        ),
        (b"/b/../a/./;UID=1", MessageUrl("a", 1)),
        (b"/../a/;UID=1", MessageUrl("a", 1)),
        (b"/%2E%2E/a/;UID=1", MessageUrl("../a", 1)),
    ],
)
def test_a_message_is_named(octets: bytes, named: MessageUrl) -> None:
    assert message_url(octets) == named


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"/",
        b"/INBOX",
        b"/INBOX;UIDVALIDITY=1",
        b"/INBOX?ALL",
        b"//host/INBOX/;UID=1",
        b"imap://host/INBOX/;UID=1",
        b"IMAP://host",
        b"imaps://host/INBOX/;UID=1",
        b";UID=1",
        b"..;UIDVALIDITY=385759045/;UID=20",
        b"INBOX/;UID=1",
        b"/INBOX;UID=1",
        b"/INBOX/;UID=0",
        b"/INBOX/;UID=4294967296",
        b"/INBOX;UIDVALIDITY=0/;UID=1",
        b"/INBOX/;UID=1/;PARTIAL=1.0",
        b"/INBOX/;UID=1/;PARTIAL=9223372036854775808.1",
        b"/INBOX/;UID=1/;SECTION=",
        b"/INBOX/;UID=1/;SECTION=0",
        b"/INBOX/;UID=1/;SECTION=1%5D%20BODY%5B2",
        b"/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(%7B1%7D%0D%0Ax)",
        b"/INBOX/;UID=1/;PARTIAL=1.1/;SECTION=1",
        b"/INBOX/;UID=1;URLAUTH=anonymous",
        b"/foo/;UID=20/..",
        b"/%FF/;UID=1",
        b"/\xe9/;UID=1",
        b"/a b/;UID=1",
        b"/%2/;UID=1",
    ],
)
def test_anything_else_is_refused(octets: bytes) -> None:
    with pytest.raises(UrlRefused):
        message_url(octets)


@pytest.mark.parametrize(
    "text",
    [
        "imap://",
        "imap://minbari.example.org/gray-council?SUBJECT%20shadows",
        "imap://joe;AUTH=PLAIN@[::1]:143/a",
        "imap://;AUTH=*@[v1.x:y]/",
        "IMAP://host:/x;uidvalidity=1",
    ],
)
def test_absolute_urls_are_known(text: str) -> None:
    assert url_parser().parse(text, start="imapurl").data == "imapurl"
