"""Matching of LIST patterns in bounded time: ``*`` matches anything, ``%`` anything but the separator (RFC 9051 §6.3.9).

The pattern becomes a nondeterministic automaton whose states are the bits of an integer; one pass over the name moves all of
them at once. However many wildcards there are, a name costs its length, and no input makes it backtrack.
"""

import re
from typing import Final

from attrs import frozen

from angarium.engine.imap.names import normalized
from angarium.engine.operations import SEPARATOR

_WILDCARD_RUN: Final = re.compile(r"[*%]{2,}")


@frozen
class Pattern:
    """A compiled pattern: bit *n* stands for the first *n* elements having matched.

    ``text`` is what was compiled; ``literals``: by character, the elements that are it; ``star`` and ``percent``: the elements
    that are that wildcard.
    """

    text: str
    literals: dict[str, int]
    star: int
    percent: int
    final: int

    def matches(self, name: str) -> bool:
        """Whether the whole of ``name`` matches (RFC 9051 §6.3.9)."""
        wild = self.star | self.percent
        states = 1 | (1 & wild) << 1
        for character in name:
            stay = states & (self.star if character == SEPARATOR else wild)
            states = stay | (states & self.literals.get(character, 0)) << 1
            # A wildcard also matches nothing: where one is next, so is what follows it.
            states |= (states & wild) << 1
            if not states:
                return False
        return bool(states & self.final)


def compile_pattern(text: str) -> Pattern:
    """Compile a canonical LIST pattern; a run of wildcards is ``*`` if it has one, else ``%`` (RFC 9051 §6.3.9)."""
    text = _WILDCARD_RUN.sub(lambda run: "*" if "*" in run[0] else "%", text)
    literals: dict[str, int] = {}
    star = percent = 0
    for index, character in enumerate(text):
        if character == "*":
            star |= 1 << index
        elif character == "%":
            percent |= 1 << index
        else:
            literals[character] = literals.get(character, 0) | 1 << index
    return Pattern(text, literals, star, percent, 1 << len(text))


def compile_patterns(reference: str, patterns: tuple[str, ...]) -> tuple[Pattern, ...]:
    """Canonical patterns: the reference followed by each pattern, normalized as names are (RFC 9051 §6.3.9, §5.1)."""
    return tuple(compile_pattern(normalized(reference + pattern)) for pattern in patterns)


def matches_any(patterns: tuple[Pattern, ...], name: str) -> bool:
    """Whether one of them matches; INBOX is matched whatever the case of the pattern (RFC 9051 §5.1)."""
    if any(pattern.matches(name) for pattern in patterns):
        return True
    return name == "INBOX" and any(compile_pattern(pattern.text.upper()).matches(name) for pattern in patterns)
