"""Mailbox names for folders of a source (RFC 9051 §5.1)."""

from collections.abc import Iterable
from typing import Final
from unicodedata import normalize

from angarium.engine.operations import SEPARATOR
from angarium.grammar.imap.mailbox_name import decode_modified_utf7

INBOX: Final = "INBOX"
ENCODED_DOT: Final = "&AC4-"


def level_name(name: str) -> str:
    """Make one level of a mailbox name of a file name: Net-Unicode (RFC 5198) without separator.

    Octets that are no UTF-8, which Python carries as surrogates, become U+FFFD.
    """
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return normalize("NFC", text).replace(SEPARATOR, "_")


def decode_level(name: str) -> str:
    """Make one level of a name in modified UTF-7; what is not in it stays as it is (RFC 3501 §5.1.3).

    Maildir++ has no other way to write a dot in a name than ``ENCODED_DOT``, though strictly that is not modified UTF-7.
    """
    try:
        return level_name(".".join(decode_modified_utf7(piece.encode("ascii")) for piece in name.split(ENCODED_DOT)))
    except ValueError:
        return level_name(name)


def mailbox_name(levels: Iterable[str], root: str) -> str:
    """Join levels below ``root``; where that is INBOX they stand at the top, and none of them means INBOX itself."""
    names = [level for level in levels if level]
    if root != INBOX:
        return SEPARATOR.join([root, *names])
    if names and names[0].upper() == INBOX:
        names[0] = INBOX
    return SEPARATOR.join(names) or INBOX
