"""What becomes of a literal that a client announces: taken, streamed to the store, or refused (RFC 9051 §4.3, RFC 7888).

Only the messages of APPEND and REPLACE may be large, and only after authentication; they go to the store while they arrive,
one after the other (RFC 3502 §6.3.11). Anything else has to fit into memory. A refused literal costs its command; the session
goes on (RFC 7888 §4).
"""

import re
from contextlib import suppress
from typing import Final

from angarium.engine.imap.asks import Asking, Outcome, bad, no
from angarium.engine.imap.errors import outcome_of
from angarium.engine.imap.state import Session, State
from angarium.engine.operations import DiscardStaged, StageOctets, StoreError
from angarium.grammar.imap.commands import Append
from angarium.grammar.imap.framing import Framer, LiteralChunk, LiteralWanted
from angarium.grammar.imap.responses import Code, Continuation

NUL_REFUSED: Final = bad("expected CHAR8 in the literal, found NUL")
_TAG: Final = re.compile(rb"[!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]+(?= )")
_APPEND: Final = re.compile(rb"[^ ]+ (?:APPEND|(?:UID )?REPLACE [0-9*]+) ", re.IGNORECASE)
_URL: Final = re.compile(rb"[ (]URL \{[0-9]+\+?\}\Z", re.IGNORECASE)
_URL_ANNOUNCEMENT_OCTETS_MAX: Final = 30
_ANNOUNCED: Final = re.compile(rb"\{([0-9]+)\+?\}\r\n")


def tag_of(octets: bytes) -> bytes | None:
    """The tag that a line begins with, if it has one (RFC 9051 §9)."""
    found = _TAG.match(octets)
    return found[0] if found else None


def announced(session: Session, framer: Framer, wanted: LiteralWanted, failed: Outcome | None) -> Asking[Outcome | None]:
    """Accept or refuse; what is returned refuses the command (RFC 9051 §4.3, RFC 7888 §4).

    ``failed``: what went wrong with an earlier literal of the command; no more of it is wanted then (RFC 3502 §6.3.11).
    """
    appends = session.state is not State.NOT_AUTHENTICATED and bool(_APPEND.match(wanted.octets_so_far))
    url = appends and _is_url(wanted.octets_so_far)
    refusal = failed or (_refusal_of_message if appends else _refusal)(session, wanted)
    if url and refusal is None and wanted.size > session.limits.url_octets_max:
        refusal = bad("the URL is too long")
    if refusal is not None:
        framer.refuse_literal()
        return refusal
    framer.accept_literal(stream=appends and not url)
    if wanted.synchronizing:
        yield Continuation("go ahead")
    return None


def _is_url(octets: bytes) -> bool:
    """Whether the literal is a URL of CATENATE, which is read here and not stored (RFC 4469 §5)."""
    return bool(_URL.search(octets, max(0, len(octets) - _URL_ANNOUNCEMENT_OCTETS_MAX))) and b" CATENATE (" in octets.upper()


def _refusal(session: Session, wanted: LiteralWanted) -> Outcome | None:
    limits = session.limits
    before = wanted.octets_so_far.count(b"}\r\n")
    if before >= limits.literal_count_max:
        return bad("there are too many literals")
    strange = session.state is State.NOT_AUTHENTICATED
    largest = limits.login_literal_octets_max if strange else limits.literal_octets_max
    return bad("the literal is too large") if wanted.size > largest else None


def _refusal_of_message(session: Session, wanted: LiteralWanted) -> Outcome | None:
    """Each message and all of them together have a limit (RFC 7889 §4, RFC 3502)."""
    limits = session.limits
    before = [int(size) for size in _ANNOUNCED.findall(wanted.octets_so_far)]
    if wanted.size > limits.append_octets_max:
        return no("the message is too large", Code.TOOBIG)
    if len(before) >= limits.append_literals_max or sum(before) + wanted.size > limits.append_sum_octets_max:
        return no("too much for one APPEND", Code.LIMIT)
    return None


class Staging:
    """The large literals of one command on their way into the store.

    ``refusal``: what went wrong with one of them; then whatever else comes is dropped.
    """

    __slots__ = ("_token", "_tokens", "refusal")

    def __init__(self) -> None:
        self._token: str | None = None  # of the literal that is coming
        self._tokens: list[str] = []
        self.refusal: Outcome | None = None

    def take(self, chunk: LiteralChunk) -> Asking[None]:
        """Pass on a chunk. A literal with NUL is none (RFC 9051 §4.3), a ``literal8`` may have it (RFC 3516 §4.4)."""
        if self.refusal is not None:
            return
        if b"\0" in chunk.octets and not chunk.binary:
            self.refusal = NUL_REFUSED
            return
        try:
            token = yield StageOctets(chunk.octets, self._token)
        except StoreError as error:
            self.refusal = outcome_of(error, Append("", b""))
            return
        if self._token is None:
            self._tokens.append(token)
        self._token = token

    def end(self) -> str:
        """Say where the literal is that has come; the next chunk begins another."""
        token, self._token = self._token, None
        return token or ""

    def discard(self) -> Asking[None]:
        """Let the store forget what it has; what it cannot forget now it will when it starts again (``DiscardStaged``)."""
        for token in self._tokens:
            with suppress(StoreError):
                yield DiscardStaged(token)
