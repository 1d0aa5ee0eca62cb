"""SEARCH and UID SEARCH (RFC 9051 §6.4.4, §7.3.4; RFC 3501 §7.2.5; RFC 7162 §3.1.5; RFC 4731)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from attrs import frozen

from angarium.engine.imap.asks import Asking, Outcome, Refused, ok
from angarium.engine.imap.commands.auth import enable_condstore
from angarium.engine.imap.context_updates import follow, require_new_tag
from angarium.engine.imap.search_resolve import asks_modseq, decoder, require_modest, resolve
from angarium.engine.imap.state import UID_END, Selected, Session
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
from angarium.grammar.imap.responses import Condition, EsearchData, PartialResults, SearchData
from angarium.grammar.imap.search_keys import SearchKey
from angarium.grammar.imap.sequence_set import NumberList, NumberSet, PartialRange, in_order

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
    require_new_tag(selected, session.tag, command)
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
    selected, wish = session.mailbox, wish_of(command)
    updating = SearchReturn.UPDATE in wish.returns
    # before $ is another, for the key may have it
    refusal = list(follow(session, command, decoder(command.charset), found.uids)) if updating else []
    if SearchReturn.SAVE in wish.returns:
        selected.saved = saved(wish, found.uids)
    if wish.partial or wish.returns != {SearchReturn.SAVE}:
        modseq = (yield from _modseq(selected, wish, found)) if wanted.want_modseq else None
        yield esearch(session, command.uid, wish, found.uids, modseq)
    yield from refusal


@frozen
class Wish:
    """What of the result is to be told: the options of RETURN, and the places that PARTIAL names (RFC 9051 §6.4.4, RFC 9394)."""

    returns: frozenset[SearchReturn]
    partial: PartialRange | None = None


def wish_of(command: Search | Sort) -> Wish:
    """What RETURN asks for; ALL where it asks for nothing (RFC 9051 §6.4.4, RFC 5267 §3.3)."""
    if command.returns or command.partial:
        return Wish(command.returns or frozenset(), command.partial)
    return Wish(frozenset({SearchReturn.ALL}))


def part(wish: Wish, uids: Sequence[int]) -> Sequence[int]:
    """The results in the places that PARTIAL names (RFC 9394 §3.1)."""
    return uids[wish.partial.places(len(uids))] if wish.partial else ()


def reported(wish: Wish, uids: Sequence[int]) -> Iterable[int]:
    """All that was found, or only MIN, MAX and PARTIAL if nothing else was asked (RFC 9051 §6.4.4.1, RFC 9394 §3.2)."""
    if wish.returns & ALL_FOUND or not (wish.partial or wish.returns & EXTREMES):
        return uids
    ends = ((SearchReturn.MIN, 0), (SearchReturn.MAX, -1)) if len(uids) else ()
    return {*(uids[end] for option, end in ends if option in wish.returns), *part(wish, uids)}


def saved(wish: Wish, uids: Sequence[int]) -> NumberSet:
    """What ``$`` will stand for (RFC 9051 §6.4.4.1, RFC 9394 §3.2)."""
    return NumberSet.from_numbers(reported(wish, uids))


def _modseq(selected: Selected, wish: Wish, found: Found | Sorted) -> Asking[int | None]:
    """The MODSEQ of ESEARCH: of all that was found, or of what alone is returned (RFC 4731 §3.2, RFC 9394 §3.2)."""
    told = reported(wish, found.uids)
    if told is found.uids:
        return found.highest_modseq or None
    highest, uids = 0, NumberSet.from_numbers(told)
    while uids.ranges:
        page: Page = yield FetchMessages(selected.id, uids, Column.FLAGS)
        highest = max([highest, *(row.modseq for row in page.rows)])
        uids = NumberSet() if page.next_uid is None else uids.intersection(NumberSet(((page.next_uid, UID_END),)))
    return highest or None


def esearch(session: Session, uid: bool, wish: Wish, uids: Sequence[int], modseq: int | None) -> EsearchData:
    """The ESEARCH response, in the order of the UIDs (RFC 9051 §7.3.4, RFC 5267 §3.1, RFC 9394 §3.1)."""
    number = _itself if uid else session.mailbox.sequence_number
    returns = wish.returns if len(uids) else wish.returns & {SearchReturn.COUNT}
    return EsearchData(
        tag=session.tag,
        uid=uid,
        minimum=number(uids[0]) if SearchReturn.MIN in returns else None,
        maximum=number(uids[-1]) if SearchReturn.MAX in returns else None,
        all=_listed(map(number, uids)) if SearchReturn.ALL in returns else None,
        count=len(uids) if SearchReturn.COUNT in returns else None,
        mod_sequence=modseq,
        partial=PartialResults(wish.partial, _listed(map(number, part(wish, uids)))) if wish.partial else None,
    )


def _itself(uid: int) -> int:
    return uid


def _listed(numbers: Iterable[int]) -> NumberSet | NumberList | None:
    """Numbers in their order; None where there are none."""
    listed = in_order((number, number) for number in numbers)
    return listed if listed.ranges else None
