"""Commands about mailbox names (RFC 9051 §6.3.4-§6.3.8, §6.3.10, §6.3.11)."""

from collections.abc import Callable
from operator import eq
from typing import Any

from angarium.engine.operations import (
    SEPARATOR,
    CreateMailbox,
    DeleteMailbox,
    FetchStatus,
    HasChildren,
    MailboxId,
    MailboxNotFound,
    MailboxStatus,
    Operation,
    RenameMailbox,
    SetSubscription,
)
from angarium.grammar.imap.commands import (
    Create,
    Delete,
    Namespace,
    Rename,
    Status,
    StatusItem,
    Subscribe,
    Unsubscribe,
)
from angarium.grammar.imap.responses import Code, Condition, NamespaceData, StatusData, StatusValue
from angarium.spec.model.mailboxes import canonical, superiors
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.refusals import expect_outcome
from angarium.spec.protocol.replay import require_only_updates
from angarium.spec.protocol.revealed import Revealed
from angarium.spec.protocol.rules.appendlimit import stored, without_limit
from angarium.spec.protocol.rules.create_special_use import refuses_use, spelled_uses
from angarium.spec.protocol.rules.objectid import require_mailboxid
from angarium.spec.protocol.turn import Turn


def make(turn: Turn, command: Create) -> Any:
    """A separator at the end only says that inferiors will come (RFC 9051 §6.3.4)."""
    if refuses_use(turn, command):
        return None
    wish = CreateMailbox(turn.session.user, command.mailbox.removesuffix("/"), spelled_uses(command))
    return with_names_above(turn, wish.name, wish)


def with_names_above(turn: Turn, name: str, operation: Operation) -> Any:
    """Names above a new one need not be mailboxes; a server makes them always or never (RFC 9051 §6.3.4, §6.3.6)."""
    account = turn.world.account(turn.session.user)
    missing = [each for each in superiors(canonical(name)) if account.find(each) is None]
    outcome = turn.attempt(operation)
    made = [mailbox for each in missing if (mailbox := account.find(each)) is not None]
    if made and not turn.exact and not turn.revealed.makes_superiors(turn.choices):
        turn.revealed.left_over |= set(missing)
        for mailbox in made:
            del account.mailboxes[mailbox.id.number]
    return outcome


def create(turn: Turn, command: Create, outcome: Any) -> None:
    """The mailbox is there (RFC 9051 §6.3.4, RFC 8474 §4.1), unless its use was refused."""
    done = outcome is not None and expect_outcome(turn.answer, outcome)
    require_only_updates(turn.replay())
    if done:
        require_mailboxid(turn, outcome.id, turn.answer.arguments(Code.MAILBOXID), "RFC 8474 §4.1: CREATE tells the MAILBOXID")


def unmake(turn: Turn, command: Delete) -> Any:
    """Remove the mailbox and what is in it; a server may leave the name above its inferiors (RFC 9051 §6.3.5)."""
    outcome = turn.attempt(DeleteMailbox(turn.session.user, command.mailbox))
    if isinstance(outcome, HasChildren) and turn.answer.condition is Condition.OK and not turn.exact:
        account = turn.world.account(turn.session.user)
        turn.revealed.left_over.add(canonical(command.mailbox))
        del account.mailboxes[account.get(canonical(command.mailbox)).id.number]
        return None
    return outcome


def delete(turn: Turn, command: Delete, outcome: Any) -> None:
    """RFC 9051 §6.3.5; the server may deselect a mailbox that its own session deletes, saying so (§7.1 CLOSED)."""
    expect_outcome(turn.answer, outcome)
    require_only_updates(turn.replay())
    if turn.orphaned and turn.answer.arguments(Code.CLOSED) is not None:
        turn.session.deselect()


def move(turn: Turn, command: Rename) -> Any:
    """Give the mailbox and its inferiors another name (RFC 9051 §6.3.6)."""
    outcome = with_names_above(turn, command.new_name, RenameMailbox(turn.session.user, command.mailbox, command.new_name))
    if isinstance(outcome, MailboxNotFound) and turn.answer.condition is Condition.OK and not turn.exact:
        return outcome if not move_left_over(turn, command.mailbox, command.new_name) else None
    return outcome


def move_left_over(turn: Turn, name: str, new_name: str) -> bool:
    """Rename what is below a name that is no mailbox, as a server may (RFC 9051 §6.3.6); say whether there is such a name."""
    below = name + SEPARATOR
    boxes = [each for each in turn.world.account(turn.session.user).mailboxes.values() if each.name.startswith(below)]
    names = {each for each in turn.revealed.left_over if each == name or each.startswith(below)}
    for box in boxes:
        box.name = new_name + box.name[len(name) :]
    turn.revealed.left_over |= {new_name + each[len(name) :] for each in names}
    return bool(boxes or names)


def rename(turn: Turn, command: Rename, outcome: Any) -> None:
    """RFC 9051 §6.3.6; a selected mailbox stays selected under its new name."""
    expect_outcome(turn.answer, outcome)
    require_only_updates(turn.replay())


def set_subscription(turn: Turn, command: Subscribe | Unsubscribe) -> bool:
    """Change the subscription; say whether a server may refuse it, for what is not there (RFC 9051 §6.3.7)."""
    name, wanted = command.mailbox, isinstance(command, Subscribe)
    account = turn.world.account(turn.session.user)
    doubtful = account.find(name) is None if wanted else name not in account.subscriptions
    if turn.answer.condition is Condition.OK:
        turn.attempt(SetSubscription(turn.session.user, name, wanted))
    return doubtful


def subscribe(turn: Turn, command: Subscribe | Unsubscribe, doubtful: bool) -> None:
    """The server may refuse to subscribe to what is not there (RFC 9051 §6.3.7)."""
    if doubtful and turn.answer.condition is Condition.NO:
        require(turn.answer.code in (Code.NONEXISTENT, None), "RFC 5530 §3: the code says why", turn.answer.tagged)
    else:
        turn.answer.expect(Condition.OK, rule="RFC 9051 §6.3.7: SUBSCRIBE and UNSUBSCRIBE are OK")
    require_only_updates(turn.replay())


def namespace(turn: Turn, command: Namespace, outcome: None) -> None:
    """One NAMESPACE response (RFC 9051 §6.3.10)."""
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.3.10: NAMESPACE is OK")
    told = turn.replay()
    found = [each for each in told.data if isinstance(each, NamespaceData)]
    personal = len(found) == 1 and (bool(found[0].personal) or not turn.exact)  # RFC 2342 §5.1: there need not be one
    require(personal, "RFC 9051 §7.3.2: one NAMESPACE, with a personal namespace", told.data)


def look(turn: Turn, command: Status) -> MailboxStatus | None:
    """The counts there are (RFC 9051 §6.3.11)."""
    (found,) = turn.attempt(stored(FetchStatus(turn.session.user, (command.mailbox,), frozenset(command.items))))
    return found if isinstance(found, MailboxStatus) else None


def status(turn: Turn, command: Status, expected: MailboxStatus | None) -> None:
    """Counts as they are, without selecting the mailbox (RFC 9051 §6.3.11)."""
    told = turn.replay()
    data = [each for each in told.data if isinstance(each, StatusData)]
    if expected is None:
        turn.answer.expect(Condition.NO, rule="RFC 9051 §6.3.11: no such mailbox, so NO")
        silent = turn.answer.codes_optional and turn.answer.code is None
        require((turn.answer.code is Code.NONEXISTENT or silent) and not data, "RFC 5530 §3: NONEXISTENT", turn.answer.tagged)
        return
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.3.11: STATUS is OK")
    require([each.mailbox for each in data] == [command.mailbox], "RFC 9051 §7.3.3: one STATUS, of this mailbox", told.data)
    check_status(without_limit(turn.session, data[0], command.items), expected.values, turn.revealed, expected.id)
    if StatusItem.HIGHESTMODSEQ in command.items:
        turn.session.enabled.add(b"CONDSTORE")  # RFC 7162 §3.1.7


def check_status(data: StatusData, expected: dict[StatusItem, StatusValue], revealed: Revealed, mailbox: MailboxId) -> None:
    """Each item once with its value; RECENT is anybody's (RFC 3501 §2.3.2)."""
    values, numbering = dict(data.items), revealed.numbering(mailbox)
    require(values.keys() == expected.keys(), "RFC 9051 §7.3.3: the items that were asked for", data, expected)
    for item, value in values.items():
        if item is StatusItem.UIDVALIDITY:
            revealed.observe_uidvalidity(data.mailbox, mailbox, value)
        elif item is StatusItem.MAILBOXID:
            revealed.objects.observe_mailbox(mailbox, value)
        elif item is not StatusItem.RECENT:
            same: Callable[[Any, Any], bool] = {
                StatusItem.UIDNEXT: numbering.is_uidnext,
                StatusItem.HIGHESTMODSEQ: numbering.is_highest,
            }.get(item, eq)
            require(
                same(expected[item], value), "RFC 9051 §6.3.11: STATUS counts what is there", item.name, value, expected[item]
            )
