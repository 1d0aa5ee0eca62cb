"""COMPRESS: less to carry in both directions (RFC 4978)."""

from angarium.engine.imap.asks import Asking, BeginCompression, Outcome, bad, ok
from angarium.engine.imap.state import Session
from angarium.grammar.imap.commands import Compress
from angarium.grammar.imap.responses import Code


def compress(session: Session, command: Compress) -> Asking[Outcome]:
    """Compress all that follows the tagged OK, under TLS where there is TLS (RFC 4978 §3).

    TLS never compresses here, so only this command itself can have done so before.
    """
    if session.compressed:
        return bad("COMPRESS is active already", Code.COMPRESSIONACTIVE)
    outcome = ok("DEFLATE active")
    yield BeginCompression(outcome)
    session.compressed = True
    return outcome
