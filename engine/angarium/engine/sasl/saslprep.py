"""SASLprep: the one spelling of user names and passwords before they are compared (RFC 4013, RFC 3454)."""

import stringprep
import unicodedata
from typing import Final

_PROHIBITED: Final = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def saslprep(text: str) -> str:
    """Prepare a user name or password; ``ValueError`` where RFC 4013 prohibits it (RFC 4013 §2).

    Unassigned code points (RFC 4013 §2.5) are refused, as for stored strings: a password nobody can have stored is wrong anyway.
    """
    if text.isascii() and text.isprintable():
        return text
    mapped = "".join(_map(character) for character in text)
    prepared = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    for character in prepared:
        if any(prohibited(character) for prohibited in _PROHIBITED):
            raise ValueError("prohibited character")
        if stringprep.in_table_a1(character):
            raise ValueError("unassigned code point")
    _check_bidirectional(prepared)
    return prepared


def _map(character: str) -> str:
    """Non-ASCII spaces become SPACE, what is commonly mapped to nothing goes (RFC 4013 §2.1)."""
    if stringprep.in_table_c12(character):
        return " "
    return "" if stringprep.in_table_b1(character) else character


def _check_bidirectional(text: str) -> None:
    """Text with right-to-left characters begins and ends with one and has no left-to-right one (RFC 3454 §6)."""
    if not any(map(stringprep.in_table_d1, text)):
        return
    if any(map(stringprep.in_table_d2, text)):
        raise ValueError("mixed directions")
    if not (stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])):
        raise ValueError("right-to-left text must begin and end so")
