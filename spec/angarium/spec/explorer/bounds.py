"""How small the small world is: what may be in it, and what the explorer remembers of it between commands.

A world with no bounds has no end: every APPEND makes another state. Commands that would lead out of the bounds are carried
out and judged like any other; only what lies beyond is not entered.
"""

from attrs import frozen

INBOX = "INBOX"


@frozen
class Bounds:
    r"""A small world (RFC 9051 §2.3, §3).

    ``messages`` at most in all mailboxes together, and ``view`` at most in a session's numbering, expunged ones that it has
    not been told of included. ``names``: what the mailbox beside INBOX may be called. ``flags``: what STORE sets and clears.
    ``remembered``: expunged messages a mailbox remembers (RFC 7162 §3.2.3). The rest switches on what makes the
    world larger: \Recent, the saved search result (``$``), and what ENABLE offers.
    """

    sessions: int = 2
    messages: int = 1
    view: int = 1
    names: tuple[str, ...] = ("a",)
    flags: tuple[bytes, ...] = (rb"\Deleted",)
    remembered: int = 0
    recent: bool = False
    saved: bool = False
    enable: tuple[bytes, ...] = ()
    subscribe: bool = True
    examine: bool = True

    @property
    def mod_sequences(self) -> bool:
        """Whether any command speaks of mod-sequences (RFC 7162 §3.1)."""
        return b"CONDSTORE" in self.enable or b"QRESYNC" in self.enable
