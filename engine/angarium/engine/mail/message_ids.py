"""Message identifiers for threading, in one normal form (RFC 5322 §3.6.4, RFC 5256 §3 REFERENCES).

The normal form has no angle brackets, comments, white space or quoting: ``<"a"@b>`` and ``<a@b>`` are both ``a@b``. Ids
that lack an ``@`` occur and serve as well.
"""

import re
from typing import Final

from angarium.engine.mail.header import Fields
from angarium.engine.mail.lexical import tokens
from angarium.engine.mail.limits import references_max

_USUAL: Final = re.compile(rb"<([^<>\s]++)>")
_UNUSUAL: Final = re.compile(rb'["(\\\[]|<[^<>\s]*+(?!>)[<\s]')


def message_ids(value: bytes) -> tuple[str, ...]:
    """The message ids of an unfolded field body, in order (RFC 5322 §3.6.4)."""
    found = _from_tokens(value) if _UNUSUAL.search(value) else _USUAL.findall(value)
    return tuple(item.decode("utf-8", "replace") for item in found)


def _from_tokens(value: bytes) -> list[bytes]:
    found: list[bytes] = []
    inside: list[bytes] | None = None
    for token in tokens(value):
        if token.kind == "<":
            inside = []
        elif token.kind == ">" and inside is not None:
            if inside:
                found.append(b"".join(inside))
            inside = None
        elif inside is not None and token.kind != "c":
            inside.append(token.text)
    return found


def message_id(fields: Fields) -> str:
    """The message's own id, empty when it has no valid one."""
    found = message_ids(fields.get(b"message-id", b""))
    return found[0] if found else ""


def references(fields: Fields) -> tuple[str, ...]:
    """The ancestors of a message, eldest first: References, else the first id of In-Reply-To (RFC 5256 §3 REFERENCES)."""
    found = message_ids(fields.get(b"references", b""))
    return found[-references_max:] or message_ids(fields.get(b"in-reply-to", b""))[:1]
