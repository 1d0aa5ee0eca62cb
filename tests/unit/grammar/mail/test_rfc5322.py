"""Sentences of the header field grammar, and texts that are none (RFC 5322 §3, §4, RFC 2045 §5.1)."""

from importlib.resources import files

import pytest
from lark import Lark, UnexpectedInput

GRAMMAR = files("angarium.grammar.mail").joinpath("rfc5322.lark").read_text("utf-8")
STARTS = ["address_list_field", "date_time_field", "msg_ids_field", "content_type_field", "content_disposition_field"]
LARKS = {start: Lark(GRAMMAR, start=start, parser="lalr", maybe_placeholders=False) for start in STARTS}


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        # RFC 5322 appendix A.1
        ("address_list_field", "John Doe <jdoe@machine.example>"),
        ("address_list_field", '"Joe Q. Public" <john.q.public@example.com>'),
        ("address_list_field", "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>"),
        ("address_list_field", '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>'),
        ("address_list_field", "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;"),
        ("address_list_field", "Undisclosed recipients:;"),
        # A.5, A.6
        ("address_list_field", "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>"),
        ("address_list_field", "A Group(Some people)\r\n :Chris Jones <c@(Chris's host.)public.example>,\r\n joe@example.org;"),
        ("address_list_field", "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;"),
        ("address_list_field", "Joe Q. Public <john.q.public@example.com>"),
        ("address_list_field", "Mary Smith <@node.test:mary@example.net>, , jdoe@test   . example"),
        ("address_list_field", ", a . b @ [1.2.3.4]"),
        ("address_list_field", "J. R.. <a@b>"),
        ("date_time_field", "Fri, 21 Nov 1997 09:55:06 -0600"),
        ("date_time_field", "Thu,\r\n      13\r\n        Feb\r\n  1969\r\n  23:32\r\n   -0330 (Newfoundland Time)"),
        ("date_time_field", "21 Nov 97 09(comment):   55  :  06 GMT"),
        ("msg_ids_field", "<1234@local.machine.example> <3456@example.net>"),
        ("msg_ids_field", '<"a b"@[x]> and <c . d @ e>'),
        ("content_type_field", "text/plain; charset=us-ascii (Plain text)"),
        ("content_type_field", "message/external-body; access-type=URL; URL*0=\"ftp://\"; URL*1=x"),
        ("content_type_field", "application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A"),
        ("content_disposition_field", 'attachment; filename=genome.jpeg; modification-date="Wed, 12 Feb 1997 16:29:51 -0500"'),
    ],
)  # fmt: skip
def test_sentences(start, sentence):
    assert LARKS[start].parse(sentence).data == start


@pytest.mark.parametrize(
    ("start", "text"),
    [
        ("address_list_field", ""),
        ("address_list_field", "a"),
        ("address_list_field", "a@b c@d"),
        ("address_list_field", "a@b (c"),
        ("address_list_field", '"a@b'),
        ("address_list_field", "a..b@c"),
        ("address_list_field", "<a@b"),
        ("address_list_field", "G: a@b"),
        ("address_list_field", "G: H: a@b;;"),
        ("date_time_field", "Fri 21 Nov 1997 09:55:06 -0600"),
        ("date_time_field", "21 Nov 1997 9:55 -0600"),
        ("date_time_field", "21 Nov 1997 09:55 -060"),
        ("date_time_field", "21 Nov 1997 09:55 J"),
        ("date_time_field", "121 Nov 1997 09:55 Z"),
        ("msg_ids_field", "<a>"),
        ("content_type_field", "text"),
        ("content_type_field", "text/plain; charset"),
        ("content_type_field", "text/plain; x*01=y"),
        ("content_type_field", "text/plain; x=y z"),
        ("content_disposition_field", "; filename=x"),
    ],
)
def test_no_sentences(start, text):
    with pytest.raises(UnexpectedInput):
        LARKS[start].parse(text)
