"""Which mailbox names there can be (RFC 9051 §5.1)."""

import unicodedata

from angarium.engine.operations import SEPARATOR, InvalidMailboxName
from angarium.store.sqlite.mail import Limits


def canonical_name(name: str) -> str:
    """Spell INBOX in capitals, alone or as the first part of a name (RFC 9051 §5.1)."""
    first, separator, rest = name.partition(SEPARATOR)
    return f"INBOX{separator}{rest}" if first.upper() == "INBOX" else name


def check_name(name: str, limits: Limits) -> None:
    """Refuse what cannot be a mailbox. Raises InvalidMailboxName."""
    parts = name.split(SEPARATOR)
    if not all(parts):
        raise InvalidMailboxName("A part of the mailbox name is empty")
    if len(parts) > limits.name_depth_max:
        raise InvalidMailboxName("The mailbox lies too deep")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise InvalidMailboxName("The mailbox name has a control character")
    if len(name.encode("utf-8")) > limits.name_octets_max:
        raise InvalidMailboxName("The mailbox name is too long")


def parents(name: str) -> list[str]:
    """List the names above a name, the highest first."""
    parts = name.split(SEPARATOR)
    return [SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts))]


def below(name: str) -> tuple[str, str]:
    """Give the half-open range of names that lie below a name, in code point order."""
    return name + SEPARATOR, name + chr(ord(SEPARATOR) + 1)
