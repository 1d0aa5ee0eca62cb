"""Mailbox names as text: Net-Unicode (RFC 9051 §5.1, RFC 5198)."""

import unicodedata

from angarium.engine.operations import SEPARATOR


def normalized(name: str) -> str:
    """The name in NFC and with INBOX in capitals, as it is stored whatever the client typed (RFC 9051 §5.1).

    INBOX is INBOX as the first part of a name too: else two trees would differ in case only.
    """
    first, separator, rest = name.partition(SEPARATOR)
    if first.upper() == "INBOX" and first.isascii():
        name = f"INBOX{separator}{rest}"
    return name if name.isascii() else unicodedata.normalize("NFC", name)
