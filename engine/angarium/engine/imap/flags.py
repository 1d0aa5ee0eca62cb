r"""Which flags a client can set (RFC 9051 §2.3.2, §7.1 PERMANENTFLAGS)."""

from typing import Final

from angarium.engine.imap.state import SYSTEM_FLAGS

_SYSTEM: Final = {flag.lower(): flag for flag in SYSTEM_FLAGS}


def storable(flags: tuple[bytes, ...]) -> tuple[bytes, ...]:
    r"""The flags that can be stored, each once: keywords as first spelled, and system flags in their proper spelling.

    \Recent and system flags that are not in PERMANENTFLAGS are passed over, as RFC 9051 §7.1 allows.
    """
    chosen: dict[bytes, bytes] = {}
    for flag in flags:
        known = flag if flag[:1] != b"\\" else _SYSTEM.get(flag.lower())
        if known is not None:
            chosen.setdefault(flag.lower(), known)
    return tuple(chosen.values())
