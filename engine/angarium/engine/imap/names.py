"""Mailbox names as text: Net-Unicode (RFC 9051 §5.1, RFC 5198)."""

import unicodedata


def normalized(name: str) -> str:
    """The name in NFC, which is how it is stored whatever the client typed (RFC 9051 §5.1)."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)
