"""On every sentence of rfc5322.lark the parsers of engine.mail agree with what the tree means."""

import calendar
import re
from datetime import date
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark, Token, Tree

from angarium.engine.mail.addresses import GROUP_END, Address, address_list
from angarium.engine.mail.dates import SentDate, sent_date
from angarium.engine.mail.header import unfold
from angarium.engine.mail.media import content_disposition, content_type
from angarium.engine.mail.message_ids import message_ids

GRAMMAR = files("angarium.grammar.mail").joinpath("rfc5322.lark").read_text("utf-8")
STARTS = ["address_list_field", "date_time_field", "msg_ids_field", "content_type_field", "content_disposition_field"]
# one parser a field: they share the rule cfws, and what may follow it depends on the field
LARKS = {start: Lark(GRAMMAR, start=start, parser="lalr", maybe_placeholders=False, keep_all_tokens=True) for start in STARTS}
PROFILE = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def sentences(start: str) -> st.SearchStrategy[str]:
    return from_lark(LARKS[start], start=start, alphabet=st.characters(max_codepoint=0xFF))


def tree_of(sentence: str, start: str) -> Tree:
    return LARKS[start].parse(sentence)


def octets(text: str) -> bytes:
    return text.encode("latin-1")


def text_of(node: Tree | Token) -> str:
    return str(node) if isinstance(node, Token) else "".join(map(text_of, node.children))


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text.replace("\r\n", ""), flags=re.DOTALL)


def word(node: Tree | Token) -> str:
    token = node.children[0] if isinstance(node, Tree) else node
    return unquoted(token[1:-1]) if token.type == "QUOTED_STRING" else str(token)


def is_rule(node: Tree | Token, name: str) -> bool:
    return isinstance(node, Tree) and node.data == name


def last_comment(node: Tree | Token) -> bytes | None:
    if isinstance(node, Token):
        return None
    if node.data == "comment":
        said = "".join(t[1:] if t.type == "QUOTED_PAIR" else t for t in node.scan_values(lambda _: True))
        return octets(" ".join(re.split(r"[ \t\r\n]+", said[1:-1].replace("\r\n", ""))).strip(" ")) or None
    return next((found for child in reversed(node.children) if (found := last_comment(child))), None)


def phrase(node: Tree) -> bytes:
    said: list[str] = []
    spaced = False
    for piece in node.children:
        if is_rule(piece, "cfws"):
            spaced = True
            continue
        said.append(" " + word(piece) if spaced and said else word(piece))
        spaced = isinstance(piece, Tree) and len(piece.children) > 1
    return octets("".join(said))


def local_part(node: Tree) -> bytes:
    return octets(".".join(word(child) for child in node.children if is_rule(child, "word")))


def domain(node: Tree) -> bytes:
    tokens = [child for child in node.children if isinstance(child, Token)]
    return octets("".join(unquoted(re.sub(r"[ \t\r\n]", "", token)) for token in tokens))


def mailbox(node: Tree, comment: bytes | None) -> Address:
    (spec,) = node.find_data("addr_spec")
    local, host = (next(spec.find_data(name)) for name in ("local_part", "domain"))
    names = [phrase(found) for found in node.find_data("phrase")]
    routes = [
        b",".join(b"@" + domain(d) for d in found.children if is_rule(d, "domain")) for found in node.find_data("obs_route")
    ]
    name = names[0] if names else last_comment(node) or comment
    return Address(name, routes[0] if routes else None, local_part(local), domain(host))


def addresses(nodes: list[Tree | Token]) -> list[Address]:
    found: list[Address] = []
    comment = None
    for node in nodes:
        if isinstance(node, Token):
            comment = None
        elif node.data == "cfws":
            comment = last_comment(node) or comment
        elif node.data == "mailbox":
            found.append(mailbox(node, comment))
        elif node.data in ("address_list", "group_list"):
            found += addresses_after(comment, node)
        else:
            found += group(node)
    return found


def addresses_after(comment: bytes | None, node: Tree) -> list[Address]:
    """The addresses of an inner list; a comment before it belongs to its first mailbox."""
    if comment is None:
        return addresses(node.children)
    said = "(" + comment.decode("latin-1").replace("\\", "\\\\") + ")"
    return addresses([Tree("cfws", [Tree("comment", [Token("CTEXT", said)])]), *node.children])


def group(node: Tree) -> list[Address]:
    colon = next(at for at, child in enumerate(node.children) if child == ":")
    return [Address(None, None, phrase(node.children[0]), None), *addresses(node.children[colon:]), GROUP_END]


@given(sentences("address_list_field"))
@PROFILE
def test_address_list(sentence):
    tree = tree_of(sentence, "address_list_field")
    assert list(address_list(octets(sentence))) == addresses(tree.children)


MONTHS = [name.lower() for name in calendar.month_abbr]
ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}


def date_time(tree: Tree) -> SentDate | None:
    said = {node.data: str(node.children[0]) for node in tree.iter_subtrees() if node.children}
    year = int(said["year"])
    if len(said["year"]) < 4:
        year += 2000 if len(said["year"]) == 2 and year < 50 else 1900
    try:
        day = date(year, MONTHS.index(said["month"].lower()), int(said["day"]))
    except ValueError:
        return None
    hour, minute, second = (int(said.get(name, "0")) for name in ("hour", "minute", "second"))
    seconds = calendar.timegm(day.timetuple())
    if hour <= 23 and minute <= 59 and second <= 60:
        seconds += hour * 3600 + minute * 60 + second
    zone = said["zone"]
    if zone[0] in "+-":
        east = int(zone[1:3]) * 3600 + int(zone[3:]) * 60 if int(zone[3:]) < 60 else 0
        seconds -= east if zone[0] == "+" else -east
    else:
        seconds -= ZONES.get(zone.upper(), 0) * 3600
    return SentDate(seconds, day.isoformat())


@given(sentences("date_time_field"))
@PROFILE
def test_date_time(sentence):
    tree = tree_of(sentence, "date_time_field")
    assert sent_date(unfold(octets(sentence))) == date_time(tree)


@given(sentences("msg_ids_field"))
@PROFILE
def test_msg_ids(sentence):
    tree = tree_of(sentence, "msg_ids_field")
    ids = [node for node in tree.children if is_rule(node, "msg_id")]
    meant = [b"@".join((local_part(next(i.find_data("local_part"))), domain(next(i.find_data("domain"))))) for i in ids]
    assert message_ids(unfold(octets(sentence))) == tuple(item.decode("utf-8", "replace") for item in meant)


def media_parameters(tree: Tree) -> list[tuple[str, str]]:
    found = [node for node in tree.iter_subtrees_topdown() if node.data == "parameter"]
    return [(str(node.children[0].children[0]).upper(), word(node.children[-1])) for node in found]


def joined(said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """RFC 2231 sections joined, in the place of the first section."""
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, value in said:
        attribute, *rest = name.split("*")
        if rest and rest[0]:
            sections.setdefault(attribute, {}).setdefault(int(rest[0]), (value, len(rest) > 1))
    found = []
    for name, value in said:
        attribute, *rest = name.split("*")
        numbered = sections.get(attribute, {})
        if not (rest and rest[0]) or set(numbered) != set(range(len(numbered))):
            found.append((name, value))
        elif rest[0] == "0":
            parts = [numbered[at] for at in range(len(numbered))]
            if any(encoded for _, encoded in parts):
                text = "".join(v if e else "".join(percent(c) for c in v) for v, e in parts)
                found.append((attribute + "*", text if parts[0][1] else "''" + text))
            else:
                found.append((attribute, "".join(v for v, _ in parts)))
    return found


def percent(character: str) -> str:
    return character if re.fullmatch(r"[!#$&+\-.^_`{|}~0-9A-Za-z]", character) else f"%{ord(character):02X}"


def media(tree: Tree) -> list[str]:
    return [str(node.children[0]).upper() for name in ("type", "subtype") for node in tree.find_data(name)]


@pytest.mark.parametrize(
    ("start", "parser"), [("content_type_field", content_type), ("content_disposition_field", content_disposition)]
)
@given(data=st.data())
@PROFILE
def test_media(start, parser, data):
    sentence = data.draw(sentences(start))
    tree = tree_of(sentence, start)
    params = tuple((octets(name), octets(value)) for name, value in joined(media_parameters(tree)))
    assert parser(unfold(octets(sentence))) == (*map(octets, media(tree)), params)


@pytest.mark.parametrize("start", STARTS)
def test_the_grammar_has_no_conflicts(start, caplog):
    with caplog.at_level("DEBUG", "lark"):
        Lark(GRAMMAR, start=start, parser="lalr", maybe_placeholders=False, debug=True)
    assert not [record for record in caplog.records if "conflict" in record.getMessage().lower()]
