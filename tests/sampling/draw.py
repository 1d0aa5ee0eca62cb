"""Random sentences of an ABNF rule and of a Lark rule."""

import re
import re._constants as op
import re._parser as regex
from functools import cache

from sampling.abnf_text import Alternatives, Name, Octets, Prose, Repeat, Sequence, Text

LITERALS = ("", "x", "a b", "\r\n", '"\\', "NIL", "caf\xc3\xa9", "(")
CORE = {
    "sp": lambda random: " ",
    "crlf": lambda random: "\r\n",
    "dquote": lambda random: '"',
    "digit": lambda random: random.choice("0123456789"),
    "alpha": lambda random: random.choice("abcxyzABCXYZ"),
    "utf8-2": lambda random: random.choice(["\xc2\xa0", "\xc3\xa9", "\xdf\xbf"]),
    "utf8-3": lambda random: random.choice(["\xe0\xa0\x80", "\xe2\x98\xba", "\xef\xbf\xbd"]),
    "utf8-4": lambda random: random.choice(["\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"]),
    "utf8-char": lambda random: random.choice("abc"),
}
# Of these the ABNF says only that they are digits, and nearly all digits are no day and no time.
DATES = {
    "date-day": ("1", "09", "28"),
    "date-day-fixed": (" 1", "28"),
    "date-year": ("1970", "0001", "9999"),
    "time": ("00:00:00", "23:59:60"),
    "zone": ("+0000", "-2359", "+1400"),
}


def literal_of(random, tilde="", plus=True):
    """A literal whose announcement tells the truth (no ABNF can)."""
    content = random.choice(LITERALS)
    return f"{tilde}{{{len(content)}{random.choice(['', '+']) if plus else ''}}}\r\n{content}"


class FromAbnf:
    """Draws from ABNF trees; after ``budget`` nested rules it takes the shortest way out."""

    def __init__(self, rules, random, budget=14):
        self.rules = rules
        self.random = random
        self.budget = budget

    def sentence(self, name, depth=0):
        if name in ("literal", "literal8"):
            return literal_of(self.random, "~" if name == "literal8" else "")
        if name in CORE:
            return CORE[name](self.random)
        if name in DATES:
            return self.random.choice(DATES[name])
        return self._draw(self.rules[name], depth + 1)

    def _draw(self, tree, depth):
        match tree:
            case Alternatives(of):
                return self._draw(self._choose(of, depth), depth)
            case Sequence(of):
                return "".join(self._draw(each, depth) for each in of)
            case Repeat(low, high, of):
                most = low if depth > self.budget else min(low + self.random.choice([0, 1, 1, 2]), high or 99)
                return "".join(self._draw(of, depth) for _ in range(most))
            case Name(name):
                return self.sentence(name, depth)
            case Octets(low, high):
                return chr(self.random.randint(low, high))
            case Text(text):
                return self.random.choice([text, text, text.lower()])
            case Prose(words):
                raise AssertionError(f"no octets for <{words}>")

    def _choose(self, of, depth):
        if depth <= self.budget:
            return self.random.choice(of)
        return min(of, key=lambda each: self._height(each, frozenset()))

    def _height(self, tree, seen):
        match tree:
            case Alternatives(of):
                return min(self._height(each, seen) for each in of)
            case Sequence(of):
                return max((self._height(each, seen) for each in of), default=0)
            case Repeat(low, _, of):
                return self._height(of, seen) if low else 0
            case Name(name) if name in CORE or name in ("literal", "literal8"):
                return 1
            case Name(name):
                return 1000 if name in seen else 1 + self._height(self.rules[name], seen | {name})
            case _:
                return 0


class FromLark:
    """Draws from the rules that Lark has compiled; terminals by their regular expression."""

    def __init__(self, lark, random, budget=12):
        self.rules = {}
        for rule in lark.rules:
            self.rules.setdefault(rule.origin.name, []).append([(symbol.name, symbol.is_term) for symbol in rule.expansion])
        self.terminals = {terminal.name: terminal.pattern.to_regexp() for terminal in lark.terminals}
        self.random = random
        self.budget = budget
        self.heights = self._heights()

    def _heights(self):
        """The least nesting that each rule can do with."""
        heights = dict.fromkeys(self.rules, 10_000)
        changed = True
        while changed:
            changed = False
            for name, expansions in self.rules.items():
                least = min(self._height(expansion, heights) for expansion in expansions)
                changed, heights[name] = changed or least != heights[name], least
        return heights

    @staticmethod
    def _height(expansion, heights):
        return 1 + max((0 if is_term else heights[name] for name, is_term in expansion), default=0)

    def sentence(self, name):
        text = self._rule(name, 0)
        # A terminal has only the announcement of a literal.
        return re.sub(r"(~?)\{[0-9]+(\+?)\}\r\n", lambda found: literal_of(self.random, found[1], plus=bool(found[2])), text)

    def _rule(self, name, depth):
        expansions = self.rules[name]
        if depth > self.budget:
            expansion = min(expansions, key=lambda each: self._height(each, self.heights))
        else:
            expansion = self.random.choice(expansions)
        return "".join(self._terminal(symbol) if is_term else self._rule(symbol, depth + 1) for symbol, is_term in expansion)

    def _terminal(self, name):
        return self._regex(_parsed(self.terminals[name]))

    def _regex(self, pattern):
        return "".join(self._element(code, value) for code, value in pattern)

    def _element(self, code, value):
        match code:
            case op.LITERAL:
                return chr(value)
            case op.IN:
                return self._one_of(value)
            case op.BRANCH:
                return self._regex(self.random.choice(value[1]))
            case op.SUBPATTERN:
                return self._regex(value[-1])
            case op.MAX_REPEAT:
                low, high, inner = value
                return "".join(self._regex(inner) for _ in range(min(low + self.random.choice([0, 1, 2]), int(high))))
            case op.ASSERT | op.ASSERT_NOT:
                return ""  # what stands ahead is for the parser to say: a sentence it refuses is drawn again
            case _:
                raise AssertionError(f"no octets for {code}")

    def _one_of(self, items):
        if items[0][0] is op.NEGATE:
            excluded = {octet for item in items[1:] for octet in _octets(item)}
            return chr(self.random.choice([octet for octet in range(256) if octet not in excluded]))
        return chr(self.random.choice([octet for item in items for octet in _octets(item)]))


def _octets(item):
    code, value = item
    return range(value[0], value[1] + 1) if code is op.RANGE else [value]


@cache
def _parsed(pattern):
    return regex.parse(pattern)
