"""Identifiers of messages and threads (RFC 8474 §5): EMAILID comes of the octets, THREADID of the ids the message names.

A store remembers under which thread each message id was first met, whether as the id of a message or in a References field.
A new message joins the thread of its nearest ancestor that is known; or the one of its own id, which an answer to it named
before it came; or it begins one. Nothing that has been remembered changes, so neither does the THREADID of a message (§5.2).
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

EMAIL_ID_OCTETS: Final = 20
"""Octets of the digest in an EMAILID: enough that nobody makes two messages with the same one (RFC 8474 §11)."""


def email_id(digest: bytes) -> bytes:
    """The EMAILID of a message by the SHA-256 of its octets (RFC 8474 §5.1, §8.1)."""
    return b"M" + digest[:EMAIL_ID_OCTETS].hex().encode("ascii")


def digest_prefix(object_id: bytes) -> bytes | None:
    """The beginning of the digest of messages with this EMAILID, None where it is nobody's (RFC 8474 §6)."""
    try:
        prefix = bytes.fromhex(object_id[1:].decode("ascii"))
    except ValueError:
        return None
    # Identifiers are case-sensitive, and the digits of a number are not.
    return prefix if email_id(prefix) == object_id and len(prefix) == EMAIL_ID_OCTETS else None


def new_thread_id(references: tuple[str, ...], message_id: str, digest: bytes) -> str:
    """The THREADID of a thread that begins here: by the eldest ancestor, or by the octets of a message that names no id."""
    eldest = references[0] if references else message_id
    return "T" + (sha256(eldest.encode("utf-8", "replace")).hexdigest() if eldest else digest.hex())[:24]


def thread_id(references: tuple[str, ...], message_id: str, digest: bytes, known: Mapping[str, str]) -> str:
    """The THREADID of a message; ``known``: threads by message id, those of its ``references`` and of its own at least."""
    found = (known[name] for name in (*reversed(references), message_id) if name in known)
    return next(found, None) or new_thread_id(references, message_id, digest)
