"""What becomes of a literal that a client announces: taken, streamed to the store, or refused (RFC 9051 §4.3, RFC 7888).

Only the message of APPEND may be large, and only after authentication; it goes to the store while it arrives. Anything else
has to fit into memory. A refused literal costs its command; the session goes on (RFC 7888 §4).
"""

import re
from contextlib import suppress
from typing import Final

from angarium.engine.imap.asks import Asking, Outcome, bad, no
from angarium.engine.imap.errors import outcome_of
from angarium.engine.imap.state import Session, State
from angarium.engine.operations import DiscardStaged, StageOctets, StoreError
from angarium.grammar.imap.commands import Append
from angarium.grammar.imap.framing import Framer, LiteralWanted
from angarium.grammar.imap.responses import Code, Continuation

_TAG: Final = re.compile(rb"[!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]+(?= )")
_APPEND: Final = re.compile(rb"[^ ]+ APPEND ", re.IGNORECASE)


def tag_of(octets: bytes) -> bytes | None:
    """The tag that a line begins with, if it has one (RFC 9051 §9)."""
    found = _TAG.match(octets)
    return found[0] if found else None


def announced(session: Session, framer: Framer, wanted: LiteralWanted) -> Asking[Outcome | None]:
    """Accept or refuse; what is returned refuses the command (RFC 9051 §4.3, RFC 7888 §4)."""
    refusal = _refusal(session, wanted)
    if refusal is not None:
        framer.refuse_literal()
        return refusal
    framer.accept_literal(stream=True)
    if wanted.synchronizing:
        yield Continuation("go ahead")
    return None


def _refusal(session: Session, wanted: LiteralWanted) -> Outcome | None:
    limits = session.limits
    if session.state is State.NOT_AUTHENTICATED:
        largest, answer = limits.login_literal_octets_max, bad("the literal is too large")
    elif _APPEND.match(wanted.octets_so_far):
        largest, answer = limits.append_octets_max, no("the message is too large", Code.TOOBIG)
    else:
        largest, answer = limits.literal_octets_max, bad("the literal is too large")
    if wanted.size > largest:
        return answer
    return None if wanted.within_limits else bad("there are too many literals")


class Staging:
    """A large literal on its way into the store. ``refusal``: what went wrong; then the rest of it is dropped."""

    __slots__ = ("refusal", "token")

    def __init__(self) -> None:
        self.token: str | None = None
        self.refusal: Outcome | None = None

    def take(self, octets: bytes) -> Asking[None]:
        """Pass on a chunk. A literal with NUL is none (RFC 9051 §4.3)."""
        if self.refusal is not None:
            return
        if b"\0" in octets:
            self.refusal = bad("expected CHAR8 in the literal, found NUL")
            return
        try:
            self.token = yield StageOctets(octets, self.token)
        except StoreError as error:
            self.refusal = outcome_of(error, Append("", b""))

    def discard(self) -> Asking[None]:
        """Let the store forget what it has; what it cannot forget now it will when it starts again (``DiscardStaged``)."""
        if self.token is not None:
            with suppress(StoreError):
                yield DiscardStaged(self.token)
