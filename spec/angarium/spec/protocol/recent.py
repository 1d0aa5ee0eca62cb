r"""``\Recent``: told by IMAP4rev1 servers, and to one session only (RFC 3501 §2.3.2).

The first session that is told of a message sees it as recent, and if that session can write, those that come later do not.
Which of several sessions that have the mailbox selected at the time it is, is open. In one session nothing changes.
"""

from collections.abc import Iterable

from angarium.grammar.imap.responses import Recent
from angarium.spec.model.state import Message
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.revealed import Revealed
from angarium.spec.protocol.session import Session

RECENT = b"\\Recent"


def notify(session: Session, revealed: Revealed, uids: tuple[int, ...]) -> None:
    """Note that a session has been told of messages; one that only examines takes nothing away (RFC 3501 §6.3.2)."""
    if session.mailbox is not None and not session.read_only:
        for uid in uids:
            revealed.notified.setdefault((session.mailbox, uid), (revealed.now, session.number))


def as_ours(flags: tuple[bytes, ...], messages: Iterable[Message]) -> tuple[bytes, ...]:
    """Flags in the letter case that the model has them in: another means nothing (RFC 9051 §9)."""
    spellings = {flag.lower(): flag for flag in (RECENT, *(flag for message in messages for flag in message.flags))}
    return tuple(spellings.get(flag.lower(), flag) for flag in flags)


def take_flags(session: Session, revealed: Revealed, uid: int, flags: tuple[bytes, ...]) -> None:
    r"""Judge whether ``\Recent`` is there (RFC 3501 §2.3.2, RFC 9051 Appendix E)."""
    is_recent = RECENT in flags
    require(not (session.rev2 and is_recent), "RFC 9051 Appendix E: IMAP4rev2 has no \\Recent", flags)
    if session.rev2 or session.mailbox is None:
        return
    when, who = revealed.notified.get((session.mailbox, uid), (session.selected_at, session.number))
    first = who == session.number and when >= session.selected_at
    must = first and revealed.exact and revealed.one_by_one
    require(is_recent or not must, "RFC 3501 §2.3.2: \\Recent in the first session that was told", uid)
    later = who != session.number and when < session.selected_at
    require(not (is_recent and later), "RFC 3501 §2.3.2: \\Recent in the first session that was told, and no later one", uid)
    known = session.recent.setdefault(uid, is_recent)
    require(known == is_recent, "RFC 3501 §2.3.2: \\Recent does not change in a session", uid, flags)
    if is_recent:
        take_away(session, revealed, uid)


def take_away(session: Session, revealed: Revealed, uid: int) -> None:
    r"""Note who has it; a server that cannot say who is first should tell several, and ours can (RFC 3501 §2.3.2)."""
    if session.mailbox is None or session.read_only:
        return
    owner = revealed.recent.setdefault((session.mailbox, uid), session.number)
    alone = owner == session.number or not revealed.exact
    require(alone, "RFC 3501 §2.3.2: \\Recent in one session, where the server can say which", uid, owner)


def take_recent(session: Session, revealed: Revealed, messages: int, grows: bool) -> None:
    r"""RECENT counts the messages that have ``\Recent``, those among them that an EXISTS to come tells of (RFC 3501 §7.3.2)."""
    require(not session.rev2, "RFC 9051 Appendix E: IMAP4rev2 has no RECENT")
    known = [uid for uid in session.view if uid in session.recent]
    least = sum(session.recent[uid] for uid in known)
    most = least + len(session.view) - len(known)
    counted = least <= messages and (grows or messages <= most)
    require(counted, "RFC 3501 §7.3.2: recent messages are among those that exist", Recent(messages), least, most)
    if messages == most and not grows:  # all that may be are
        for uid in session.view:
            if session.recent.setdefault(uid, True):
                take_away(session, revealed, uid)
