"""SEARCH and UID SEARCH (RFC 9051 §6.4.4, §7.3.4; RFC 3501 §7.2.5; RFC 7162 §3.1.5; RFC 4731)."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from attrs import frozen

from angarium.engine.imap.asks import Asking, Outcome, Refused, ok
from angarium.engine.imap.commands.auth import enable_condstore
from angarium.engine.imap.search_resolve import asks_modseq, decoder, require_modest, resolve
from angarium.engine.imap.state import Selected, Session
from angarium.engine.operations import (
    Column,
    FetchMessages,
    Found,
    MailboxId,
    Operation,
    Page,
    SearchMessages,
    Sorted,
    StoreError,
)
from angarium.grammar.imap.commands import Search, SearchReturn, Sort
from angarium.grammar.imap.responses import Condition, EsearchData, SearchData
from angarium.grammar.imap.search_keys import SearchKey
from angarium.grammar.imap.sequence_set import NumberSet, in_order

ALL_FOUND: Final = frozenset({SearchReturn.ALL, SearchReturn.COUNT})
EXTREMES: Final = frozenset({SearchReturn.MIN, SearchReturn.MAX})


@frozen
class Criteria:
    """What a store is asked for: keys that it understands, among the messages that the client knows of."""

    key: SearchKey
    within: NumberSet
    want_modseq: bool


def criteria(session: Session, key: SearchKey, charset: bytes | None) -> Asking[Criteria]:
    """Make sense of the keys (RFC 9051 §6.4.4). MODSEQ among them enables CONDSTORE (RFC 7162 §3.1)."""
    selected = session.mailbox
    require_modest(key, session.limits)
    resolved = resolve(key, selected, decoder(charset))
    want_modseq = asks_modseq(resolved)
    if want_modseq:
        yield from enable_condstore(session)
    within = NumberSet(((1, selected.last_uid),)) if selected.last_uid else NumberSet()
    return Criteria(resolved, within, want_modseq)


def search(session: Session, command: Search) -> Asking[Outcome]:
    """Find messages (RFC 9051 §6.4.4)."""
    selected = session.mailbox
    wanted, found = yield from ask_store(session, command, _search_messages)
    if command.returns is None and not session.revision2:
        numbers = tuple(found.uids) if command.uid else tuple(map(selected.sequence_number, found.uids))
        yield SearchData(numbers, found.highest_modseq or None)
    else:
        yield from extended(session, command, wanted, found)
    return ok("SEARCH completed")


def _search_messages(mailbox: MailboxId, command: Search, wanted: Criteria) -> SearchMessages:
    return SearchMessages(mailbox, wanted.key, wanted.within, wanted.want_modseq)


def ask_store(
    session: Session, command: Any, operation: Callable[[MailboxId, Any, Criteria], Operation]
) -> Asking[tuple[Criteria, Any]]:
    """What the store finds. A search that was to be saved and is answered NO saves nothing (RFC 9051 §6.4.4.1)."""
    selected = session.mailbox
    try:
        wanted = yield from criteria(session, command.key, command.charset)
        found = yield operation(selected.id, command, wanted)
    except StoreError:
        _forget(selected, command)
        raise
    except Refused as refusal:
        if refusal.outcome.condition is Condition.NO:
            _forget(selected, command)
        raise
    return wanted, found


def _forget(selected: Selected, command: Search | Sort) -> None:
    if command.returns and SearchReturn.SAVE in command.returns:
        selected.saved = NumberSet()


def extended(session: Session, command: Search | Sort, wanted: Criteria, found: Found | Sorted) -> Asking[None]:
    """Save and answer what RETURN asks for (RFC 9051 §6.4.4, RFC 5267 §3)."""
    selected, returns = session.mailbox, command.returns or frozenset({SearchReturn.ALL})
    if SearchReturn.SAVE in returns:
        selected.saved = saved(returns, found.uids)
    if returns != {SearchReturn.SAVE}:
        modseq = (yield from _modseq(selected, returns, found)) if wanted.want_modseq else None
        yield esearch(session, command.uid, returns, found.uids, modseq)


def extremes(returns: frozenset[SearchReturn], uids: Sequence[int]) -> list[int]:
    """The UIDs that MIN and MAX stand for (RFC 9051 §6.4.4)."""
    if not len(uids):
        return []
    return [uids[end] for option, end in ((SearchReturn.MIN, 0), (SearchReturn.MAX, -1)) if option in returns]


def saved(returns: frozenset[SearchReturn], uids: Sequence[int]) -> NumberSet:
    """What ``$`` will stand for: all that was found, or only MIN and MAX if nothing else was asked (RFC 9051 §6.4.4.1)."""
    only_extremes = returns & EXTREMES and not returns & ALL_FOUND
    return NumberSet.from_numbers(extremes(returns, uids) if only_extremes else uids)


def _modseq(selected: Selected, returns: frozenset[SearchReturn], found: Found | Sorted) -> Asking[int | None]:
    """The MODSEQ of ESEARCH: of all that was found, or of MIN and MAX if only these are returned (RFC 4731 §3.2)."""
    if returns & ALL_FOUND or not len(found.uids):
        return found.highest_modseq or None
    uids = NumberSet.from_numbers(extremes(returns, found.uids))
    page: Page = yield FetchMessages(selected.id, uids, Column.FLAGS)
    return max((row.modseq for row in page.rows), default=None)


def esearch(
    session: Session, uid: bool, returns: frozenset[SearchReturn], uids: Sequence[int], modseq: int | None
) -> EsearchData:
    """The ESEARCH response, in the order of the UIDs (RFC 9051 §7.3.4, RFC 5267 §3.1)."""
    numbers = list(uids) if uid else list(map(session.mailbox.sequence_number, uids))
    return EsearchData(
        tag=session.tag,
        uid=uid,
        minimum=numbers[0] if numbers and SearchReturn.MIN in returns else None,
        maximum=numbers[-1] if numbers and SearchReturn.MAX in returns else None,
        all=in_order((number, number) for number in numbers) if numbers and SearchReturn.ALL in returns else None,
        count=len(numbers) if SearchReturn.COUNT in returns else None,
        mod_sequence=modseq,
    )
