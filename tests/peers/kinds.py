"""The kinds of differences between Angarium's and Dovecot's answers, and who is right by the RFC.

A difference that fits no kind here fails the test; ``docs/reference/dovecot-differences.md`` prints this table with counts.
"""

import re
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import AddressHeader

from attrs import frozen

from peers.fetching import LOST, REFUSED, UNPARSABLE
from peers.leaves import Leaf

ADDRESS_FIELDS = {"from_": "From", "sender": "Sender", "reply_to": "Reply-To", "to": "To", "cc": "Cc", "bcc": "Bcc"}


@frozen
class Kind:
    """One kind: how it is told, who is right and by which words."""

    name: str
    right: str
    why: str
    fits: Callable[[Leaf, bytes], bool]


# What tells one kind from another


def zone(leaf: Leaf, _: bytes) -> bool:
    return leaf.item == ("INTERNALDATE",) and _instant(leaf.ours) == _instant(leaf.theirs)


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def names_case(leaf: Leaf, _: bytes) -> bool:
    return leaf.path == ("names",)


def value_case(leaf: Leaf, _: bytes) -> bool:
    return (
        isinstance(leaf.ours, bytes)
        and isinstance(leaf.theirs, bytes)
        and leaf.ours.lower() == leaf.theirs.lower() == b"us-ascii"
    )


def default_charset(leaf: Leaf, _: bytes) -> bool:
    if leaf.path[-1:] != ("parameters",) or not isinstance(leaf.theirs, tuple):
        return False
    ours = leaf.ours if isinstance(leaf.ours, tuple) else ()
    return leaf.theirs == (*ours, (b"CHARSET", b"us-ascii"))


def white_space(leaf: Leaf, _: bytes) -> bool:
    both = isinstance(leaf.ours, bytes) and isinstance(leaf.theirs, bytes)
    return both and leaf.path[-1:] in (("subject",), ("name",), ("in_reply_to",)) and leaf.ours.split() == leaf.theirs.split()  # type: ignore[attr-defined]


def empty_name(leaf: Leaf, _: bytes) -> bool:
    return leaf.path[-1:] == ("name",) and leaf.ours == b"" and leaf.theirs is None


def broken_address(leaf: Leaf, message: bytes) -> bool:
    """A third reader, Python's ``email``, finds fault with the field too, or the field is there more than once."""
    fields = [ADDRESS_FIELDS[step] for step in leaf.path if step in ADDRESS_FIELDS]
    if not fields:
        return False
    header = message_from_bytes(message.partition(b"\r\n\r\n")[0], policy=policy.compat32)
    # Sender and Reply-To default to From (RFC 9051 §7.5.2).
    values = [value for name in (fields[0], "From") for value in (header.get_all(name) or [])]
    return len(header.get_all(fields[0]) or []) > 1 or any(_has_defects(str(value)) for value in values)


def _has_defects(value: str) -> bool:
    parsed: dict[str, list[object]] = {"defects": [], "groups": []}
    try:
        AddressHeader.parse(re.sub(r"\r?\n", "", value), parsed)
    except (IndexError, AttributeError, ValueError):
        return True  # so broken that this reader gives up
    return bool(parsed["defects"]) or value.rstrip().endswith(".") or "@" not in value


def undecodable(leaf: Leaf, _: bytes) -> bool:
    return str(leaf.item[0]).startswith("BINARY") and leaf.theirs == REFUSED


def process_died(leaf: Leaf, _: bytes) -> bool:
    return str(leaf.item[0]).startswith("BINARY") and leaf.theirs == LOST


def binary_size(leaf: Leaf, _: bytes) -> bool:
    return leaf.item[0] == "BINARY.SIZE" and (leaf.theirs == UNPARSABLE or isinstance(leaf.theirs, int))


def end_of_inner_multipart(leaf: Leaf, _: bytes) -> bool:
    both = isinstance(leaf.ours, bytes) and isinstance(leaf.theirs, bytes)
    return both and leaf.item[0] == "BODY" and leaf.theirs == leaf.ours + b"\r\n" and leaf.ours.endswith(b"--")  # type: ignore[operator,attr-defined]


def delimiter(leaf: Leaf, message: bytes) -> bool:
    """A boundary parameter that no line of the message equals, but some line starts with; or that no line has at all."""
    boundary = re.search(rb'boundary="([^"]+)"', message)
    if (
        boundary is None
        or leaf.path[-1:] not in ((), ("octets",), ("lines",))
        or leaf.item[0] not in ("BODY", "BODYSTRUCTURE", "BINARY")
    ):
        return False
    lines = message.split(b"\r\n")
    whole = {b"--" + boundary[1], b"--" + boundary[1] + b"--"}
    odd = any(line.startswith(b"--" + boundary[1]) and line.rstrip() not in whole for line in lines)
    return odd or not any(line.rstrip() in whole for line in lines)


def encoding_alone(leaf: Leaf, message: bytes) -> bool:
    header = message.partition(b"\r\n\r\n")[0].lower()
    return leaf.path[-1:] == ("encoding",) and b"content-transfer-encoding:" in header and b"content-type:" not in header


def broken_type(leaf: Leaf, _: bytes) -> bool:
    return leaf.path[-1:] in (("type",), ("subtype",), ("lines",)) and leaf.theirs in (b"", None)


def language(leaf: Leaf, _: bytes) -> bool:
    return leaf.path[-1:] == ("language",) and leaf.theirs == (leaf.ours,)


def unquoted_value(leaf: Leaf, _: bytes) -> bool:
    both = isinstance(leaf.ours, bytes) and isinstance(leaf.theirs, bytes)
    return both and leaf.path[-1:] in (("disposition",), ("value",)) and leaf.ours.startswith(leaf.theirs + b" ")  # type: ignore[operator,attr-defined]


KINDS = (
    Kind(
        "zone of INTERNALDATE",
        "both",
        "APPEND's date-time is given back as it was set; Dovecot gives the same instant in its own zone (RFC 9051 "
        "§2.3.3, §6.3.12)",
        zone,
    ),
    Kind(
        "case of names",
        "both",
        "media types, encodings and parameter names are matched without case (RFC 2045 §5.1, §6.1)",
        names_case,
    ),
    Kind(
        "case of us-ascii",
        "both",
        "the charset that is assumed, or its name as written; matched without case (RFC 2046 §4.1.2)",
        value_case,
    ),
    Kind(
        "assumed charset",
        "both",
        "Dovecot adds `charset=us-ascii` to a text part whose header names none; Angarium lists what is there (RFC "
        "9051 §7.5.2, RFC 2046 §4.1.2)",
        default_charset,
    ),
    Kind(
        "white space",
        "Angarium",
        "unfolding removes the CRLF and no more (RFC 5322 §2.2.3), white space in a quoted-string counts (§3.2.4), "
        "what trails a field body does not; Dovecot squeezes subjects and names, and keeps what trails",
        white_space,
    ),
    Kind(
        "empty name",
        "both",
        'a display-name of `""`: an empty string, or NIL as if there were none (RFC 9051 §7.5.2)',
        empty_name,
    ),
    Kind(
        "broken address",
        "neither",
        "the field is no address-list, or is there twice (RFC 5322 §3.4, §3.6); Dovecot says MISSING_MAILBOX, "
        "MISSING_DOMAIN or SYNTAX_ERROR, Angarium keeps the words",
        broken_address,
    ),
    Kind(
        "undecodable BINARY",
        "both",
        "broken base64 or quoted-printable: Dovecot refuses, Angarium decodes what can be decoded (RFC 2045 §6.7, "
        "§6.8); UNKNOWN-CTE is for unknown encodings (RFC 3516 §4.3)",
        undecodable,
    ),
    Kind(
        "lost connection",
        "Angarium",
        "Dovecot closes the connection over such base64",
        process_died,
    ),
    Kind(
        "BINARY.SIZE",
        "Angarium",
        "it has to be the size of what BINARY gives (RFC 3516 §4.2), and a number (RFC 9051 §9); in some messages "
        "Dovecot's is neither",
        binary_size,
    ),
    Kind(
        "end of an inner multipart",
        "Angarium",
        "the CRLF before a delimiter belongs to the delimiter (RFC 2046 §5.1.1)",
        end_of_inner_multipart,
    ),
    Kind(
        "odd delimiter",
        "neither",
        "a delimiter line with text after it, or none that equals the boundary: the grammar and the prose of RFC 2046"
        " §5.1.1 disagree",
        delimiter,
    ),
    Kind(
        "encoding without type",
        "Angarium",
        "Content-Transfer-Encoding counts without Content-Type too (RFC 2045 §5.2, §6.1)",
        encoding_alone,
    ),
    Kind(
        "broken Content-Type",
        "Angarium",
        "a type that can be read is given, else text/plain (RFC 2045 §5.2); Dovecot gives two empty strings",
        broken_type,
    ),
    Kind(
        "one language",
        "both",
        "a string, or a list of one (RFC 9051 §9 body-fld-lang)",
        language,
    ),
    Kind(
        "unquoted value",
        "both",
        "a parameter value with a space that should have been quoted (RFC 2045 §5.1): cut, or kept whole",
        unquoted_value,
    ),
)


def kind_of(leaf: Leaf, message: bytes) -> Kind | None:
    """The first kind that fits."""
    return next((kind for kind in KINDS if kind.fits(leaf, message)), None)
