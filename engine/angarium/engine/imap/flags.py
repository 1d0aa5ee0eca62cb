r"""Which flags a client can set (RFC 9051 §2.3.2, §7.1 PERMANENTFLAGS)."""

from typing import Final

from angarium.engine.imap.asks import Refused, bad
from angarium.engine.imap.state import SYSTEM_FLAGS

_SYSTEM: Final = {flag.lower(): flag for flag in SYSTEM_FLAGS}


def storable(flags: tuple[bytes, ...]) -> tuple[bytes, ...]:
    r"""The flags that can be stored, each once: keywords as first spelled, and system flags in their proper spelling.

    System flags that are not in PERMANENTFLAGS are passed over, as RFC 9051 §7.1 allows. \Recent is not one of the flags that
    ``flag`` stands for (RFC 9051 §9, RFC 3501 §9): were it passed over too, STORE FLAGS (\Recent) would clear all others.
    """
    chosen: dict[bytes, bytes] = {}
    for flag in flags:
        if flag.lower() == rb"\recent":
            raise Refused(bad(r"expected flag, found \Recent, which nobody can set"))
        known = flag if flag[:1] != b"\\" else _SYSTEM.get(flag.lower())
        if known is not None:
            chosen.setdefault(flag.lower(), known)
    return tuple(chosen.values())
