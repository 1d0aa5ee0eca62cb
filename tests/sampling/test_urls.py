"""The grammar of IMAP URLs against the ABNF of RFC 5092 §11, by sentences drawn from each and given to the other."""

import re
from random import Random

import pytest
from abnf.grammars import rfc3986
from abnf.parser import ParseError, Rule
from lark.exceptions import UnexpectedInput

from angarium.grammar.imap.urls import url_parser
from sampling.abnf_grammar import RFC_TEXTS
from sampling.abnf_text import rules_of, strip_pages, written
from sampling.draw import FromAbnf, FromLark

TEXT = RFC_TEXTS / "rfc5092.txt"
SAMPLES = 400
KINDS = {"imapurl": "imapurl", "imapurl-rel": "imapurl_rel"}
# Host, port and unreserved are RFC 3986's, numbers RFC 3501's, the time RFC 3339's: here a few of them. A mailbox does not
# begin with a slash (RFC 5092 §7.1), which the ABNF says in a comment.
ELSEWHERE = """\
unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"
pct-encoded = "%" HEXDIG HEXDIG
host = "[::1]" / "[v1.x:y]" / *( unreserved / pct-encoded / sub-delims-sh / ";" / "&" / "=" )
port = *DIGIT
nz-number = %x31-39 *DIGIT
number = 1*DIGIT
date-time = "2026-11-24T22:00:00Z"
enc-mailbox = ( achar / ":" / "@" ) *bchar
hexdig = DIGIT / "A" / "B" / "C" / "D" / "E" / "F"
"""
LEFT_OUT = re.compile(
    r"(?i)urlauth="  # authorized URLs are another extension's
    r"|^(?!imap:|/)"  # references by relative path, which nobody may accept (RFC 5092 §7.2), and the empty one
)

pytestmark = pytest.mark.skipif(not TEXT.is_file(), reason="the RFC texts are not beside the checkout (../shared/rfc)")


def rules():
    """The ABNF of RFC 5092 and what it takes from elsewhere."""
    text = strip_pages(TEXT.read_text("utf-8", "replace"))
    begin, end = text.rindex("ABNF for IMAP URL Scheme"), text.rindex("IANA Considerations")
    found = {name.lower(): tree for name, tree, _ in rules_of(text[begin:end].replace("0<pchar>", '""'))}
    return {**found, **{name.lower(): tree for name, tree, _ in rules_of(ELSEWHERE)}}


def lark_accepts(text, rule):
    try:
        url_parser().parse(text, start=KINDS[rule])
    except UnexpectedInput:
        return False
    return True


@pytest.mark.parametrize("rule", KINDS)
def test_urls_of_the_rfc_parse_here(rule):
    draw = FromAbnf(rules(), Random(f"0 {rule}"))
    drawn = [text for text in (draw.sentence(rule) for _ in range(SAMPLES)) if not LEFT_OUT.search(text)]
    assert len(drawn) > SAMPLES / 20
    assert [text for text in drawn if not lark_accepts(text, rule)] == []


@pytest.mark.parametrize("rule", KINDS)
def test_our_urls_are_the_rfcs(rule):
    class Urls(Rule):
        """RFC 5092."""

    for name, tree in rules().items():
        if name == "hexdig":
            continue  # the abnf package has it
        Urls.create(f"{name} = {written(tree)}\r\n")
    for name in ("host", "port"):
        Urls(name, rfc3986.Rule(name).definition)
    draw, taken = FromLark(url_parser(), Random(f"0 {rule}")), 0
    for _ in range(SAMPLES):
        text = draw.sentence(KINDS[rule])
        if lark_accepts(text, rule):
            taken += 1
            try:
                Urls(rule).parse_all(re.sub(r"\[[0-9A-Fa-f:.]+\]", "[::1]", text))  # of addresses we know the characters only
            except ParseError:
                pytest.fail(text)
    assert taken > SAMPLES / 4
