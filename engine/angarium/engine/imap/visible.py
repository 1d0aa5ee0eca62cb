"""All names that a session can see: its own, and those of others by the right ``l`` (RFC 4314 §4 LIST, RFC 2342 §5)."""

from collections.abc import Iterable

from angarium.engine.imap.asks import Asking
from angarium.engine.imap.state import Session
from angarium.engine.namespaces import may_match, prefix_of
from angarium.engine.operations import ListMailboxes, ListShared, MailboxEntry, SharedMailbox


def visible(session: Session, patterns: Iterable[str]) -> Asking[tuple[MailboxEntry, ...]]:
    """Names that can match one of the patterns, sorted; others' are looked for only where a pattern leads there.

    Subscriptions to others' mailboxes lie with the subscriber. What others use a mailbox for is not told: to this user it is not
    *the* sent mail (RFC 6154 §2).
    """
    own: tuple[MailboxEntry, ...] = yield ListMailboxes(session.user)
    namespaces = session.namespaces
    if namespaces is None or not any(may_match(pattern) for pattern in patterns):
        return own
    shared: tuple[SharedMailbox, ...] = yield ListShared(session.user)
    if not shared:
        return own
    entries = {entry.name: entry for entry in own}
    for each in shared:
        name = prefix_of(each.id.owner, namespaces) + each.name
        entries[name] = MailboxEntry(name, each.id, name in entries and entries[name].subscribed)
    return tuple(entries[name] for name in sorted(entries))
