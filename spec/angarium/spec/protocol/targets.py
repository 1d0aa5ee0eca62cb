"""Which messages a sequence set means to a session (RFC 9051 §9 ``sequence-set``, §6.4.9, §6.4.4.1)."""

from angarium.grammar.imap.sequence_set import STAR, SequenceSet
from angarium.spec.protocol.choices import Choices
from angarium.spec.protocol.numbering import Numbering
from angarium.spec.protocol.session import Session

UID_MAX = 2**32 - 1


class NoSuchNumber(Exception):
    """A message sequence number beyond the last message (RFC 9051 §9 ``seq-number``)."""


def targets(session: Session, numbers: SequenceSet, uid: bool, numbering: Numbering, choices: Choices) -> list[int]:
    """The messages that ``numbers`` names, of those the client knows; UIDs that are not there are no error (RFC 9051 §6.4.9)."""
    if numbers.saved:
        return [each for each in session.view if each in session.saved]
    if uid:
        return [each for each in session.view if is_named(each, numbers, session.view[-1], numbering, choices)]
    if any(number > len(session.view) for seq_range in numbers.ranges for number in seq_range) or not session.view:
        raise NoSuchNumber
    positions = numbers.resolve(len(session.view))
    return [each for number, each in enumerate(session.view, start=1) if number in positions]


def is_named(uid: int, numbers: SequenceSet, last: int, numbering: Numbering, choices: Choices) -> bool:
    """Say whether a set of the server's UIDs names this message; ``*`` is the last one (RFC 9051 §9 ``seq-range``)."""
    if uid == last and any(STAR in ends for ends in numbers.ranges):
        return True
    least, most = numbering.uids.bounds(last)
    known = int(least) if least == most else UID_MAX
    largest = last if numbering.exact else known
    named: set[bool] = set()
    for low, high in numbers.resolve(largest).ranges:
        answers = numbering.may_name(uid, low, high)
        if answers == (True,):
            return True
        named.update(answers)
    return choices.pick(sorted(named, reverse=True)) if named else False
