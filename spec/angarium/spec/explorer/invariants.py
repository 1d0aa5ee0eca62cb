"""What holds in every state and on every edge of the small world, besides what the protocol model says of each answer."""

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from angarium.engine.operations import MailboxId
from angarium.spec.explorer.memory import Memory, Selection
from angarium.spec.explorer.thaw import NEW_NUMBERS, SECRET, STRANGER, USER, strange_account
from angarium.spec.model.state import SYSTEM_FLAGS, Account, World
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.session import Session


def check_state(memory: Memory, session: Session) -> None:
    """Server and model agree on what the connection is in, by every word that both have for it (RFC 9051 §3)."""
    require(memory.state == session.state.value, "RFC 9051 §3: the state of the connection", memory, session)
    require(memory.user == session.user, "RFC 9051 §6.2: who the client is", memory, session)
    # Whether a CONDSTORE enabling command that failed has enabled it is left open (RFC 7162 §3.1).
    required, allowed = session.enabled, session.enabled | {b"CONDSTORE"}
    require(required <= memory.enabled <= allowed, "RFC 5161 §3.1: what has been enabled", memory.enabled, required)
    require(memory.idling == session.idling, "RFC 9051 §6.3.13: idling until DONE", memory, session)
    selection = memory.selection
    require((selection is not None) == (memory.state == "selected"), "RFC 9051 §3.3: selected means a mailbox", memory)
    chosen = selection.mailbox if selection else None
    require(chosen == session.mailbox, "RFC 9051 §6.3.2: the mailbox that is selected", chosen, session.mailbox)
    if selection is not None:
        check_selection(selection, session)


def check_selection(selection: Selection, session: Session) -> None:
    """Message numbers mean the same UIDs to server and client (RFC 9051 §2.3.1.2)."""
    view = list(selection.view)
    require(selection.read_only == session.read_only, "RFC 9051 §6.3.3: read-only", selection, session.read_only)
    require(view == session.view, "RFC 9051 §2.3.1.2: message numbers mean the same to both", view, session.view)
    require(view == sorted(set(view)), "RFC 9051 §2.3.1.2: UIDs ascend with message numbers", view)
    require(set(selection.present) <= set(view), "RFC 9051 §7.5.1: what is there has been announced", selection)
    saved = tuple(uid for uid in view if uid in selection.saved)
    require(saved == session.saved, "RFC 9051 §6.4.4.1: the saved result is the same to both", saved, session.saved)
    told = {uid: recent for uid, recent in session.recent.items() if uid in view and (uid in selection.recent) != recent}
    require(session.rev2 or not told, "RFC 3501 §2.3.2: what is recent to the session stays so", selection.recent, told)
    listed = {flag.lower() for flag in (*SYSTEM_FLAGS, *selection.keywords)}
    require(listed == session.listed, "RFC 9051 §7.3.5: FLAGS has listed what the server thinks it has", listed, session.listed)
    require(selection.settled <= selection.mod_sequence, "RFC 7162 §3.1: nothing is told that has not been looked at", selection)


@frozen
class Numbers:
    """The numbers of a mailbox, of which the protocol promises that they only grow."""

    uidvalidity: int
    uidnext: int
    highest_modseq: int
    modseqs: Mapping[int, int]


def numbers_of(account: Account) -> dict[MailboxId, Numbers]:
    """The numbers of all mailboxes."""
    return {
        box.id: Numbers(
            box.uidvalidity, box.uidnext, box.highest_modseq, {uid: each.modseq for uid, each in box.messages.items()}
        )
        for box in account.mailboxes.values()
    }


def check_numbers(before: Mapping[MailboxId, Numbers], after: Mapping[MailboxId, Numbers]) -> None:
    """Nothing falls and nothing is given twice (RFC 9051 §2.3.1.1, RFC 7162 §3.1)."""
    for mailbox, now in after.items():
        require(list(now.modseqs) == sorted(now.modseqs), "RFC 9051 §2.3.1.1: UIDs ascend in the order of arrival", now)
        require(all(uid < now.uidnext for uid in now.modseqs), "RFC 9051 §2.3.1.1: UIDNEXT is above every UID", now)
        highest = max(now.modseqs.values(), default=0)
        require(highest <= now.highest_modseq, "RFC 7162 §3.1.2.1: HIGHESTMODSEQ is the highest", now)
        then = before.get(mailbox)
        if then is None:
            require(now.uidvalidity > NEW_NUMBERS, "RFC 9051 §2.3.1.1: a new mailbox has a UIDVALIDITY never given before", now)
            continue
        require(now.uidvalidity == then.uidvalidity, "RFC 9051 §2.3.1.1: UIDVALIDITY stays", then, now)
        require(now.uidnext >= then.uidnext, "RFC 9051 §2.3.1.1: UIDNEXT never falls", then, now)
        require(now.highest_modseq >= then.highest_modseq, "RFC 7162 §3.1.2.1: HIGHESTMODSEQ never falls", then, now)
        for uid, modseq in now.modseqs.items():
            old = then.modseqs.get(uid)
            require(old is not None or uid >= then.uidnext, "RFC 9051 §2.3.1.1: no UID is given twice", uid, then)
            require(old is None or modseq >= old, "RFC 7162 §3.1: the mod-sequence of a message never falls", uid, then, now)


def check_worlds(real: World, model: World, octets: bytes) -> None:
    """The server's store holds what the model's holds after the same command, and another user's mail is left alone."""
    ours, theirs = contents(real.account(USER)), contents(model.account(USER))
    require(ours == theirs, "RFC 9051 §6: the command did what it says, and nothing else", ours, theirs)
    stranger = contents(real.account(STRANGER))
    require(stranger == UNTOUCHED, "RFC 9051 §5.1: another user's mail is left alone", stranger)
    require(set(real.accounts) == {USER, STRANGER}, "RFC 9051 §6.2: no users come into being", set(real.accounts))
    seen = [word for word in (SECRET, b"strange", b"$Strange") if word in octets]
    require(not seen, "RFC 9051 §11: nothing of another user is told", seen, octets)


def contents(account: Account) -> tuple[object, ...]:
    r"""All that an account holds, but who has been told of what is \Recent."""
    boxes = [
        (box.id, box.name, box.uidvalidity, box.uidnext, box.highest_modseq, box.messages, box.expunged)
        for box in account.mailboxes.values()
    ]
    return sorted(account.subscriptions), sorted(boxes, key=lambda box: box[0].number)


UNTOUCHED: Final = contents(strange_account())
"""What the other user's mail is and stays."""
