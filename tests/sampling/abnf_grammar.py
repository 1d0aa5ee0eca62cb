"""The ABNF that our grammar is compared with: each RFC's own rules, and the union of all that we implement.

RFC 9051's come with the ``abnf`` package; the other texts are read from beside the checkout, where present.
"""

import re
from functools import cache
from pathlib import Path

from abnf.grammars import rfc3629, rfc9051
from abnf.parser import Rule

from sampling.abnf_text import Alternatives, Name, Prose, Repeat, Sequence, Text, rules_of, strip_pages, written

RFC_TEXTS = Path(__file__).resolve().parents[3] / "shared" / "rfc"
SECTIONS = {  # the section with the ABNF
    3501: 9,
    2971: 4,
    3502: None,
    4314: 7,
    8440: 5,
    3516: 7,
    4315: 4,
    4466: 3,
    4469: 5,
    4731: 4,
    5161: 4,
    5182: 3,
    5256: 5,
    5957: 5,
    5258: 6,
    5819: 4,
    6154: 6,
    6851: 5,
    7162: 7,
    5032: 3,
    7889: 5,
    8508: 5,
    8474: 7,
    8514: 5,
    8970: 6,
    4978: 5,
    8437: 6,
    9586: 4,
    9585: 5,
    9394: 4,
    5267: 5,
}
# Where the rules of an RFC go, when only its prose says so.
PLACES = {5256: "command-select = sort / thread\r\nmailbox-data = sort-data / thread-data\r\n"}
# Left-recursive in RFC 5258, which the abnf package cannot parse; its own RFC 9051 has them rewritten.
LEFT_RECURSIVE = {"option-val-comp", "tagged-ext-comp"}

# What a literal holds only its length tells, which no ABNF can say: with content in it, the abnf package tries every length.
ANNOUNCED = {
    name: Sequence((Text(opening), Repeat(1, None, Name("digit")), Repeat(0, 1, Text("+")), Text("}"), Name("crlf")))
    for name, opening in {"literal": "{", "literal8": "~{"}.items()
}


def missing_texts():
    """The RFC texts that are not there."""
    return [number for number in SECTIONS if not _file(number).is_file()]


def _file(number):
    """The text, or its form without pages where only that is there."""
    reflowed = RFC_TEXTS / f"rfc{number}-reflowed.txt"
    return reflowed if reflowed.is_file() else RFC_TEXTS / f"rfc{number}.txt"


@cache
def rules_in(number):
    """The rules that one RFC defines: name to tree, ``=/`` joined to what the same RFC had before."""
    rules = {}
    for name, tree, extends in rules_of(_text(number)):
        tree = _without_prose(tree)
        if _holds_prose(tree):
            continue  # characters: RFC 9051's in the abnf package are written out
        name = name.lower()
        rules[name] = Alternatives((rules[name], tree)) if extends and name in rules else tree
    return {name: _without(tree, "x-command") for name, tree in rules.items()}


def _text(number):
    if number == 9051:
        return "\n".join(rfc9051.Rule.grammar) + "\n"
    text = strip_pages(_file(number).read_text("utf-8", "replace"))
    section = SECTIONS[number]
    if number == 3502:  # its sections have titles only
        return text.partition("Protocol Formal Syntax\n")[2].partition("MULTIAPPEND Interaction")[0]
    begin = list(re.finditer(rf"^{section}\.\s+Formal.*Syntax", text, re.MULTILINE))[-1].end()
    text = text[begin : begin + re.search(rf"^{section + 1}\.\s|\Z", text[begin:], re.MULTILINE).start()]
    text += PLACES.get(number, "")
    if number != 2971:
        return text
    # It writes as RFC 2060 did.
    text = (
        text.replace("::=", "=")
        .replace("SPACE", "SP")
        .replace("#(string SP nstring)", "[string SP nstring *(SP string SP nstring)]")
    )
    return re.sub(r"\b([a-z]+)_(?=[a-z])", r"\1-", re.sub(r"\b([a-z]+)_(?=[a-z]+_)", r"\1-", text))


def _without_prose(tree):
    """The one prose value in the middle of a rule, by the name the abnf package has given it."""
    match tree:
        case Prose(words) if 'TEXT-CHAR except "]"' in words:
            return Name("resp-text-code-char")
        case Alternatives(of) | Sequence(of):
            return type(tree)(tuple(_without_prose(each) for each in of))
        case Repeat(low, high, of):
            return Repeat(low, high, _without_prose(of))
        case _:
            return tree


def _holds_prose(tree):
    match tree:
        case Alternatives(of) | Sequence(of):
            return any(_holds_prose(each) for each in of)
        case Repeat(_, _, of):
            return _holds_prose(of)
        case _:
            return isinstance(tree, Prose)


@cache
def union():
    """All RFCs' rules; where several define one, any of the definitions may be meant."""
    rules = {}
    for number in (9051, *SECTIONS):
        for name, tree in rules_in(number).items():
            known = rules.get(name, ())
            rules[name] = known if tree in known else (*known, tree)
    return {name: trees[0] if len(trees) == 1 else Alternatives(trees) for name, trees in rules.items()}


def _without(tree, name):
    """The tree without the alternative ``name``, which RFC 3501 says in prose only."""
    if not isinstance(tree, Alternatives):
        return tree
    return Alternatives(tuple(_without(each, name) for each in tree.of if each != Name(name)))


@cache
def judge():
    """The union as a grammar of the abnf package."""

    class Union(Rule):
        """Every rule of the RFCs that are implemented."""

    for name in ("UTF8-char", "UTF8-2", "UTF8-3", "UTF8-4"):
        Union(name, rfc3629.Rule(name).definition)
    for name, tree in {**union(), **ANNOUNCED}.items():
        Union.create(f"{name} = {written(rules_in(9051)[name] if name in LEFT_RECURSIVE else tree)}\r\n")
    return Union


def accepts(rule, sentence):
    """Whether the abnf package parses all of ``sentence`` as the rule of the union."""
    from abnf.parser import ParseError

    try:
        judge()(rule).parse_all(sentence)
    except ParseError:
        return False
    return True
