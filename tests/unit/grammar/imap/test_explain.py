"""Parse trees for people, and the names that rules have in them and in syntax errors."""

import re

import pytest
from abnf.grammars import rfc9051

from angarium.grammar.imap.commands import StagedLiteral
from angarium.grammar.imap.explain import explain
from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.grammar_files import command_parser, response_parser
from angarium.grammar.imap.parse_command import CommandSyntaxError
from angarium.grammar.imap.parse_response import ResponseSyntaxError
from angarium.grammar.imap.syntax_errors import abnf_name


def outline(node, depth=0):
    yield f"{'  ' * depth}{node.rule} | {node.section} | {node.text.decode()}"
    for child in node.children:
        yield from outline(child, depth + 1)


@pytest.mark.parametrize(
    ("octets", "lines"),
    [
        (
            b"A1 UID FETCH 1:* (FLAGS)",
            [
                "command | RFC 9051 §2.2.1 | A1 UID FETCH 1:* (FLAGS)",
                "  tag | RFC 9051 §4 | A1",
                "  uid | RFC 9051 §6.4.9 | UID FETCH 1:* (FLAGS)",
                '    "UID" | RFC 9051 §6.4.9 | UID',
                "    fetch | RFC 9051 §6.4.5 | FETCH 1:* (FLAGS)",
                '      "FETCH" | RFC 9051 §6.4.5 | FETCH',
                "      sequence-set | RFC 9051 §9 | 1:*",
                "      fetch-atts | RFC 9051 §6.4.5 | (FLAGS)",
                "        fetch-att | RFC 9051 §6.4.5 | FLAGS",
            ],
        ),
        (
            b"a SEARCH MODSEQ 5",
            [
                "command | RFC 9051 §2.2.1 | a SEARCH MODSEQ 5",
                "  tag | RFC 9051 §4 | a",
                "  search | RFC 9051 §6.4.4 | SEARCH MODSEQ 5",
                '    "SEARCH" | RFC 9051 §6.4.4 | SEARCH',
                "    search-keys | RFC 9051 §6.4.4 |  MODSEQ 5",
                "      search-key | RFC 7162 §3.1.5 | MODSEQ 5",
                '        "MODSEQ" | RFC 7162 §3.1.5 | MODSEQ',
                "        mod-sequence-value | RFC 7162 §7 | 5",
            ],
        ),
        (
            b"* 4 EXISTS",
            [
                "response | RFC 9051 §2.2.2 | * 4 EXISTS",
                "  exists | RFC 9051 §7.4.1 | 4 EXISTS",
                "    number | RFC 9051 §9 | 4",
                '    "EXISTS" | RFC 9051 §7.4.1 | EXISTS',
            ],
        ),
        (
            b"a OK done",
            [
                "response-tagged | RFC 9051 §7.1 | a OK done",
                "  tag | RFC 9051 §4 | a",
                "  resp-cond-state | RFC 9051 §7.1 | OK",
                "  resp-text | RFC 9051 §7.1 | done",
                "    text | RFC 9051 §7.1 | done",
            ],
        ),
    ],
)
def test_tree(octets, lines):
    assert list(outline(explain(Frame(octets)))) == lines


@pytest.mark.parametrize(
    ("frame", "lines"),
    [
        (
            Frame(b"a LOGIN {1}\r\n {2+}\r\n", (b"u", b"x\r")),
            ["a LOGIN {1}\r\nu {2+}\r\nx\r", "a", "LOGIN {1}\r\nu {2+}\r\nx\r", "LOGIN", "{1}\r\nu", "{2+}\r\nx\r"],
        ),
        (Frame(b"a SELECT {0}\r\n", (b"",)), ["a SELECT {0}\r\n", "a", "SELECT {0}\r\n", "SELECT", "{0}\r\n", "{0}\r\n"]),
        (
            Frame(b"a APPEND x {9}\r\n", (StagedLiteral("token", 9),)),
            ["a APPEND x {9}\r\n", "a", "APPEND x {9}\r\n", "APPEND", "x", "x", " {9}\r\n", "{9}\r\n"],
        ),
    ],
)
def test_literals_are_announcement_and_octets(frame, lines):
    assert [line.rpartition(" | ")[2] for line in outline(explain(frame))] == lines


def test_empty_text_covers_nothing():
    assert explain(Frame(b"+ ")).children[0].text == b""


def test_utf8_names():
    octets = Frame(b'a SELECT "\xc3\xa9"')
    assert explain(octets, utf8=True).text == octets.octets
    with pytest.raises(CommandSyntaxError):
        explain(octets)


def test_what_does_not_parse_is_not_explained():
    with pytest.raises(CommandSyntaxError):
        explain(Frame(b"a FOO"))
    with pytest.raises(ResponseSyntaxError):
        explain(Frame(b"* FOO"))


def test_expected_names_are_rules_of_the_rfcs():
    known = {rule.name.lower() for rule in rfc9051.Rule.rules()} | {"sp", "crlf"}
    # Of RFC 2971, 3501, 4466, 7162 and 8474, and commands that are a keyword in a rule.
    known |= {"check", "id", "lsub", "select-param", "fetch-modifier", "store-modifier", "mod-sequence-value", "known-uids"}
    known |= {"entry-name", "entry-type-req", "expunged-resp", "objectid", "create-param", "use-attr"}
    known |= {"sort", "sort-criteria", "thread", "thread-alg", "thread-list"}  # of RFC 5256
    known |= {"compress", "algorithm", "unauthenticate", "uidfetch", "inprogress", "inprogress-tag", "inprogress-state"}
    known |= {"replace", "text-literal", "url"}
    known |= {"setacl", "deleteacl", "getacl", "listrights", "myrights", "acl-data"}  # of RFC 4314
    known |= {"modifier-partial", "partial-range", "partial-results"}  # of RFC 9394
    known |= {"cancelupdate", "noupdate"}  # of RFC 5267
    known |= {"logout", "noop", "starttls", "close", "unselect", "expunge"}
    keyword = re.compile(r'"[A-Z()*+\[\]]+"')
    names = {abnf_name(terminal.name) for parser in (command_parser(), response_parser()) for terminal in parser.terminals}
    assert {name for name in names if name.lower() not in known and not keyword.fullmatch(name)} == set()
