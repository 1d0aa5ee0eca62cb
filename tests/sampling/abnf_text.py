"""ABNF read out of text: rules as small trees, enough of RFC 5234 to draw sentences from (RFC 5234 §4)."""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"\s*(?:(?P<repeat>\d*\*\d*|\d+)(?=[A-Za-z(\"%<])|(?P<name>[A-Za-z][A-Za-z0-9-]*)|\"(?P<text>[^\"]*)\""
    r"|%(?P<base>[xdb])(?P<numbers>[0-9A-Fa-f.-]+)|<(?P<prose>[^>]*)>|(?P<mark>[/()\[\]]))"
)
PROSE = re.compile(r"\n\s*\n *[A-Z][a-z]+ (?:[a-z]|\[)")
RULE = re.compile(r"^ *([A-Za-z][A-Za-z0-9-]*) *(=/|=)[ \n]", re.MULTILINE)


@dataclass(frozen=True)
class Alternatives:
    of: tuple


@dataclass(frozen=True)
class Sequence:
    of: tuple


@dataclass(frozen=True)
class Repeat:
    low: int
    high: int | None
    of: object


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Octets:
    """One octet of a range, or of what a prose value describes."""

    low: int
    high: int


@dataclass(frozen=True)
class Name:
    name: str


@dataclass(frozen=True)
class Prose:
    words: str


def strip_pages(text):
    """An RFC's text without page breaks and comments."""
    lines = [
        line
        for line in text.replace("\f", "\n").splitlines()
        if not re.search(r"\[Page \d+\]$", line) and not re.match(r"RFC \d+ .*\d{4}$", line)
    ]
    return "\n".join(_uncomment(line) for line in lines)


def _uncomment(line):
    """The line up to a semicolon that is in no quotes and no prose."""
    found = re.match(r"(?:[^;\"<]|\"[^\"]*\"|<[^>]*>|[\"<])*", line)
    return found[0].rstrip()


def rules_of(text):
    """Every rule of ``text`` in order: (name, tree, extends)."""
    starts = list(RULE.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return [
        (start[1], _Reader(text[start.end() : end]).alternatives(), start[2] == "=/")
        for start, end in zip(starts, ends, strict=True)
    ]


class _Reader:
    """Reads one rule's elements and stops at what is none: the prose between rules."""

    def __init__(self, text):
        self.text = text
        self.at = 0

    def peek(self):
        return TOKEN.match(self.text, self.at)

    def alternatives(self):
        of = [self.sequence()]
        while (token := self.peek()) and token["mark"] == "/":
            self.at = token.end()
            of.append(self.sequence())
        return Alternatives(tuple(of)) if len(of) > 1 else of[0]

    def sequence(self):
        of = []
        while (token := self.peek()) and token["mark"] not in ("/", ")", "]"):
            if PROSE.match(self.text, token.start()):
                break
            of.append(self.repetition())
        return Sequence(tuple(of)) if len(of) != 1 else of[0]

    def repetition(self):
        token = self.peek()
        if not token["repeat"]:
            return self.element()
        self.at = token.end()
        low, star, high = token["repeat"].partition("*")
        return Repeat(int(low or 0), (int(high) if high else None) if star else int(low), self.element())

    def element(self):
        token = self.peek()
        self.at = token.end()
        if token["mark"]:
            inner = self.alternatives()
            close = self.peek()
            assert close, self.text[self.at :]
            assert close["mark"] == {"(": ")", "[": "]"}[token["mark"]], self.text[self.at :]
            self.at = close.end()
            return Repeat(0, 1, inner) if token["mark"] == "[" else inner
        if token["name"]:
            return Name(token["name"].lower())
        if token["numbers"]:
            return _numbers({"x": 16, "d": 10, "b": 2}[token["base"]], token["numbers"])
        return Prose(token["prose"]) if token["prose"] is not None else Text(token["text"])


def _numbers(base, numbers):
    if "-" in numbers:
        low, high = (int(number, base) for number in numbers.split("-"))
        return Octets(low, high)
    of = tuple(Octets(int(number, base), int(number, base)) for number in numbers.split("."))
    return Sequence(of) if len(of) > 1 else of[0]


def written(tree):
    """The tree as ABNF again, on one line."""
    match tree:
        case Alternatives(of):
            return "(" + " / ".join(written(each) for each in of) + ")"
        case Sequence(of):
            return "(" + " ".join(written(each) for each in of) + ")"
        case Repeat(low, high, of):
            return f"{low}*{'' if high is None else high}({written(of)})"
        case Text(text):
            return f'"{text}"'
        case Octets(low, high):
            return f"%x{low:02X}-{high:02X}"
        case Name(name):
            return name
        case Prose(words):
            return f"<{words}>"
