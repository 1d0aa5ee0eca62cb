"""Searches that are kept up to date, as UPDATE asks (RFC 5267 §4.3): what each has found, and what has changed of that.

A change is found where the session is told of it (``updates.py``): only messages that are new, or whose flags have changed, are
looked at again, so the cost is that of the changes and not of the mailbox. A sorted result also has to be sorted again when
something comes into it. What is expunged leaves the results before EXPUNGE is said, while its number still holds (§4.3.4).

The key is kept as the client wrote it but for message numbers and ``$``, which mean what they meant then (§4.3): ``*`` among UIDs
is another message tomorrow. That is why the last message is looked at with every change.
"""

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence

from angarium.engine.imap.asks import Asking, Refused, bad
from angarium.engine.imap.context import Context
from angarium.engine.imap.search_resolve import Decode, fixed, leaves, resolve
from angarium.engine.imap.state import Selected, Session
from angarium.engine.operations import Changes, Found, SearchMessages, Sorted, SortMessages
from angarium.grammar.imap.commands import Search, SearchReturn, Sort
from angarium.grammar.imap.responses import Code, Condition, EsearchData, ResponseCode, ResultUpdate, Untagged
from angarium.grammar.imap.search_keys import All, Older, Younger
from angarium.grammar.imap.sequence_set import NumberList, NumberSet, in_order

Pairs = list[tuple[int, int]]
"""Places in a result, counted from 1, and the UIDs that come or go there."""


def require_new_tag(selected: Selected, tag: bytes, command: Search | Sort) -> None:
    """Refuse UPDATE with the tag of a search that is being updated (RFC 5267 §4.3)."""
    if command.returns and SearchReturn.UPDATE in command.returns and tag in selected.contexts:
        raise Refused(bad("this tag is that of a search that is being updated"))


def follow(session: Session, command: Search | Sort, decode: Decode, found: Sequence[int]) -> Iterator[Untagged]:
    """Keep the result of this search up to date, or say that it will not be (RFC 5267 §4.3, §4.3.1)."""
    selected = session.mailbox
    why = refusal(session, command, len(found))
    if why is None:
        key = fixed(command.key, selected, decode)
        criteria = command.criteria if isinstance(command, Sort) else None
        selected.contexts[session.tag] = Context(command.uid, key, criteria, array("I", found))
    else:
        yield Untagged(Condition.NO, why, ResponseCode(Code.NOUPDATE, (session.tag,)))


def refusal(session: Session, command: Search | Sort, count: int) -> str | None:
    """Why the search will not be updated, if so; the first one will be, unless it cannot (RFC 5267 §4.3.1)."""
    contexts, limits = session.mailbox.contexts, session.limits
    if any(isinstance(leaf, Older | Younger) for leaf in leaves(command.key)):
        return "messages grow older without any change that could be told"
    if isinstance(command, Sort) and count > limits.context_sorted_max:
        return "too many messages to sort them with every change"
    if len(contexts) >= limits.contexts_max:
        return f"{limits.contexts_max} searches are being updated"
    return None


def removals(session: Session, gone: Iterable[int]) -> Iterator[EsearchData]:
    """Take messages that are about to be told as expunged out of the results (RFC 5267 §4.3.4)."""
    expunged = set(gone)
    for tag, context in _followed(session):
        pairs = _leaving(context, expunged)
        if pairs:
            yield EsearchData(tag, context.uid, updates=_said(session, context, True, pairs))


def updates(session: Session, changes: Changes | None, last: int) -> Asking[None]:
    """Say what has changed in the results; ``last`` is the last UID that was told of before (RFC 5267 §4.3.3, §4.3.4).

    Should the store fail on the way, what has changed is still due next time.
    """
    selected = session.mailbox
    view = selected.uids.numbers
    selected.due.update((last,) if last else (), view[-1:], view[bisect_left(view, last + 1) :])
    if changes is not None:
        selected.due.update(row.uid for row in changes.flags)
    for tag, context in _followed(session):
        key = resolve(context.key, selected, bytes)
        hits: Found = yield SearchMessages(selected.id, key, NumberSet.from_numbers(selected.due))
        said = yield from _changed(session, context, set(hits.uids))
        if said:
            yield EsearchData(tag, context.uid, updates=said)
    selected.due.clear()


def _followed(session: Session) -> list[tuple[bytes, Context]]:
    """The searches to be updated; by number not where there are no numbers any more (RFC 9586 §3)."""
    contexts = session.mailbox.contexts.items()
    return [(tag, context) for tag, context in contexts if context.uid or not session.uid_only]


def _changed(session: Session, context: Context, matching: set[int]) -> Asking[tuple[ResultUpdate, ...]]:
    """Bring the result up to date, of the messages that are due, and say how (RFC 5267 §4.3.2)."""
    come = sorted(uid for uid in matching if not context.has(uid))
    order: Sequence[int] = come
    if come and context.criteria is not None:
        there = NumberSet.from_numbers([*context.found, *come])
        answer: Sorted = yield SortMessages(session.mailbox.id, context.criteria, All(), there)
        order = answer.uids
    left = _said(session, context, True, _leaving(context, session.mailbox.due.difference(matching)))
    return left + _said(session, context, False, _coming(context, come, order))


def _leaving(context: Context, gone: set[int]) -> Pairs:
    """Take messages out of the result: from which places, each as it is when those before are gone (RFC 5267 §4.3.4)."""
    if context.criteria is None:
        leaving = sorted(filter(context.has, gone))
        for uid in leaving:
            del context.found[bisect_left(context.found, uid)]
        return [(0, uid) for uid in leaving]
    pairs = [(place, uid) for place, uid in enumerate(context.found, start=1) if uid in gone]
    context.found[:] = array("I", [uid for uid in context.found if uid not in gone])
    return [(place - before, uid) for before, (place, uid) in enumerate(pairs)]


def _coming(context: Context, come: list[int], order: Sequence[int]) -> Pairs:
    """Put messages into the result, each into its place (RFC 5267 §4.3.3)."""
    if context.criteria is None:
        for uid in come:
            insort(context.found, uid)
        return [(0, uid) for uid in come]
    new = set(come)
    context.found[:] = array("I", _merged(context.found, [uid for uid in order if uid in new], order))
    return [(place, uid) for place, uid in enumerate(context.found, start=1) if uid in new]


def _merged(found: Iterable[int], come: list[int], order: Sequence[int]) -> list[int]:
    """Both in the order; a message that is not in it, since it has been expunged, stays behind the one before it."""
    rank = {uid: place for place, uid in enumerate(order)}
    merged, at = [], 0
    for uid in found:
        while at < len(come) and uid in rank and rank[come[at]] < rank[uid]:
            merged.append(come[at])
            at += 1
        merged.append(uid)
    return merged + come[at:]


def _said(session: Session, context: Context, removes: bool, pairs: Pairs) -> tuple[ResultUpdate, ...]:
    """Places and UIDs as the client is told: neighbours together, by number where the search was (RFC 5267 §4.3.2)."""
    runs: list[tuple[int, list[int]]] = []
    for place, uid in pairs:
        if runs and place == (runs[-1][0] + len(runs[-1][1]) if place and not removes else runs[-1][0]):
            runs[-1][1].append(uid)
        else:
            runs.append((place, [uid]))
    return tuple(ResultUpdate(removes, place, _numbers(session, context, uids)) for place, uids in runs)


def _numbers(session: Session, context: Context, uids: Iterable[int]) -> NumberSet | NumberList:
    numbers = uids if context.uid else map(session.mailbox.sequence_number, uids)
    return in_order((number, number) for number in numbers)
