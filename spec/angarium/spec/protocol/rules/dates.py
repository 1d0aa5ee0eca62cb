"""SAVEDATE, and search keys that ask the server's clock (RFC 8514, RFC 5032)."""

from angarium.grammar.imap.responses import FetchDatum, InternalDate
from angarium.grammar.imap.search_keys import DateIs, Older, SaveDateSupported, Younger
from angarium.spec.model.state import Message
from angarium.spec.protocol.turn import Turn
from angarium.spec.search import DATE_TESTS, matches


def was_saved(turn: Turn, key: DateIs, message: Message) -> bool:
    """Compare the save date that the server has told; one that it has not may be any (RFC 8514 §4.3)."""
    saved = turn.revealed.saved.get((turn.mailbox.id, message.uid))
    if saved is None or saved.date_time is None:
        return is_likely(turn, key, message)
    return DATE_TESTS[key.test](saved.date_time.date(), key.day)


def is_servers_date(turn: Turn, message: Message) -> bool:
    """Say whether the internal date is the time of arrival, by a clock that is not ours (RFC 9051 §2.3.3, §6.3.12)."""
    return not turn.exact and message.internal_date == turn.world.now()


def dated(turn: Turn, message: Message, told: FetchDatum) -> InternalDate | None:
    """The internal date of a message as the server told it first."""
    if isinstance(told, InternalDate):
        turn.revealed.received.setdefault((turn.mailbox.id, message.uid), told)
    return turn.revealed.received.get((turn.mailbox.id, message.uid))


def was_received(turn: Turn, key: DateIs, message: Message) -> bool:
    """Compare the internal date, or the one that the server has told of what has only its own (RFC 9051 §6.4.4)."""
    if not is_servers_date(turn, message):
        return matches(key, message, turn.world.now())
    known = turn.revealed.received.get((turn.mailbox.id, message.uid))
    return is_likely(turn, key, message) if known is None else DATE_TESTS[key.test](known.date_time.date(), key.day)


def has_save_date(turn: Turn, message: Message) -> bool:
    """Say whether the mailbox keeps save dates (RFC 8514 §4.3)."""
    told = {saved.date_time is not None for (mailbox, _), saved in turn.revealed.saved.items() if mailbox == turn.mailbox.id}
    return told == {True} if told else is_likely(turn, SaveDateSupported(), message)


def is_likely(turn: Turn, key: DateIs | Older | SaveDateSupported | Younger, message: Message) -> bool:
    """Only the server knows its clock: what the model's clock says is likely, and the other is possible (RFC 5032 §2)."""
    likely = matches(key, message, turn.world.now())
    return turn.choices.pick((likely, not likely))
