"""SAVEDATE, and search keys that ask the server's clock (RFC 8514, RFC 5032)."""

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


def has_save_date(turn: Turn, message: Message) -> bool:
    """Say whether the mailbox keeps save dates (RFC 8514 §4.3)."""
    told = {saved.date_time is not None for (mailbox, _), saved in turn.revealed.saved.items() if mailbox == turn.mailbox.id}
    return told == {True} if told else is_likely(turn, SaveDateSupported(), message)


def is_likely(turn: Turn, key: DateIs | Older | SaveDateSupported | Younger, message: Message) -> bool:
    """Only the server knows its clock: what the model's clock says is likely, and the other is possible (RFC 5032 §2)."""
    likely = matches(key, message, turn.world.now())
    return turn.choices.pick((likely, not likely))
