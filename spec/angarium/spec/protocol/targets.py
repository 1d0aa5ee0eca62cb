"""Which messages a sequence set means to a session (RFC 9051 §9 ``sequence-set``, §6.4.9, §6.4.4.1)."""

from angarium.grammar.imap.sequence_set import SequenceSet
from angarium.spec.protocol.session import Session


class NoSuchNumber(Exception):
    """A message sequence number beyond the last message (RFC 9051 §9 ``seq-number``)."""


def targets(session: Session, numbers: SequenceSet, uid: bool) -> list[int]:
    """The UIDs that ``numbers`` names, of those the client knows; UIDs that are not there are no error (RFC 9051 §6.4.9)."""
    if numbers.saved:
        return [each for each in session.view if each in session.saved]
    if uid:
        named = numbers.resolve(session.view[-1] if session.view else 2**32 - 1)
        return [each for each in session.view if each in named]
    if any(number > len(session.view) for seq_range in numbers.ranges for number in seq_range) or not session.view:
        raise NoSuchNumber
    positions = numbers.resolve(len(session.view))
    return [each for number, each in enumerate(session.view, start=1) if number in positions]
