"""LIST and LSUB (RFC 9051 §6.3.9, RFC 3501 §6.3.9, RFC 5258, RFC 5819, RFC 6154)."""

from angarium.engine.operations import SEPARATOR, FetchStatus, ListMailboxes, MailboxEntry
from angarium.grammar.imap.commands import List, ListReturn, ListSelect, Lsub
from angarium.grammar.imap.responses import Condition, ListData, Response, StatusData
from angarium.spec.protocol.answer import Inadmissible, require
from angarium.spec.protocol.refusals import attempt
from angarium.spec.protocol.rules.acl import check_list_rights
from angarium.spec.protocol.rules.appendlimit import stored, without_limit
from angarium.spec.protocol.rules.mailboxes import check_status
from angarium.spec.protocol.turn import Turn


def pattern_matches(pattern: str, name: str) -> bool:
    """``*`` stands for anything, ``%`` for anything but a separator (RFC 9051 §6.3.9)."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(pattern_matches(pattern[1:], name[start:]) for start in range(len(name) + 1))
    if pattern[0] == "%":
        level = len(name.split(SEPARATOR, 1)[0])
        return any(pattern_matches(pattern[1:], name[start:]) for start in range(level + 1))
    return name[:1] == pattern[0] and pattern_matches(pattern[1:], name[1:])


def any_pattern(command: List | Lsub, name: str) -> bool:
    """Say whether one of the patterns, below the reference, matches; INBOX in any case (RFC 9051 §6.3.9)."""
    patterns = command.patterns if isinstance(command, List) else (command.pattern,)
    whole = [command.reference + pattern for pattern in patterns]
    return any(pattern_matches(each.upper() if name == "INBOX" else each, name) for each in whole)


def entries_of(turn: Turn, command: List | Lsub) -> dict[str, MailboxEntry]:
    """The mailboxes there are and the names subscribed to (RFC 9051 §6.3.9)."""
    return {entry.name: entry for entry in turn.attempt(ListMailboxes(turn.session.user))}


def list_(turn: Turn, command: List, entries: dict[str, MailboxEntry]) -> None:
    """The names that are to be listed, each once, with attributes that are true (RFC 9051 §6.3.9)."""
    turn.answer.expect(Condition.OK, rule="RFC 9051 §6.3.9: LIST is OK")
    told = turn.replay()
    listed = [each for each in told.data if isinstance(each, ListData)]
    if command.patterns == ("",) and not command.extended:
        require(
            len(listed) == 1 and listed[0].separator == SEPARATOR, "RFC 9051 §6.3.9: empty name asks for the separator", listed
        )
        return
    wanted = {name for name, entry in entries.items() if any_pattern(command, name) and is_selected(command, entry)}
    possible = wanted | recursive_parents(command, entries, set())
    no_mailboxes = set() if turn.exact else names_above(entries) | turn.revealed.left_over
    possible |= {name for name in no_mailboxes if any_pattern(command, name)}
    needed = wanted | recursive_parents(command, entries, wanted)
    names = [each.mailbox for each in listed]
    require(needed <= set(names) <= possible, "RFC 9051 §6.3.9: the names that match", names, needed, possible)
    require(len(names) == len(set(names)), "RFC 5258 §3: a name is listed once", names)
    require_one_separator(turn, listed)
    for data in listed:
        check_attributes(turn, command, data, entries)
    check_list_status(turn, command, listed, entries, told.data)
    existing = {each for each in names if each in entries and entries[each].id is not None}
    check_list_rights(turn, command, {each for each in existing if is_selected(command, entries[each])}, told)


def require_one_separator(turn: Turn, listed: list[ListData]) -> None:
    """One for all names, or NIL at another server whose names have no levels (RFC 9051 §5.1.1, §7.3.1)."""
    allowed = {SEPARATOR} if turn.exact else {SEPARATOR, None}
    require({each.separator for each in listed} <= allowed, "RFC 9051 §7.3.1: one hierarchy separator", listed)


def is_selected(command: List, entry: MailboxEntry) -> bool:
    """What the selection options let through (RFC 9051 §6.3.9.1, RFC 6154 §3)."""
    if ListSelect.SPECIAL_USE in command.select and not entry.special_use:
        return False
    return entry.subscribed if ListSelect.SUBSCRIBED in command.select else entry.id is not None


def names_above(entries: dict[str, MailboxEntry]) -> set[str]:
    r"""Names that are no mailboxes and have one below them, which a server may list as \Noselect (RFC 9051 §6.3.5)."""
    components = [name.split(SEPARATOR) for name, entry in entries.items() if entry.id is not None]
    return {SEPARATOR.join(each[:depth]) for each in components for depth in range(1, len(each))} - entries.keys()


def recursive_parents(command: List, entries: dict[str, MailboxEntry], listed: set[str]) -> set[str]:
    """Names that match the pattern and have a selected mailbox below them (RFC 9051 §6.3.9.1 RECURSIVEMATCH).

    Those below that are ``listed`` themselves do not count: the server should be silent then, and may not (§6.3.9.6).
    """
    if ListSelect.RECURSIVEMATCH not in command.select:
        return set()
    above: set[str] = set()
    for name, entry in entries.items():
        if is_selected(command, entry) and name not in listed:
            components = name.split(SEPARATOR)
            above.update(SEPARATOR.join(components[:depth]) for depth in range(1, len(components)))
    return {name for name in above if any_pattern(command, name)}


def check_attributes(turn: Turn, command: List, data: ListData, entries: dict[str, MailboxEntry]) -> None:
    r"""Attributes are true where given, and given where asked for (RFC 9051 §7.3.1, §6.3.9.2)."""
    entry = entries.get(data.mailbox, MailboxEntry(data.mailbox, None))
    attributes = {each.lower() for each in data.attributes}
    inferior = any(each.id and each.name.startswith(entry.name + SEPARATOR) for each in entries.values())
    left_over = any(each.startswith(entry.name + SEPARATOR) for each in turn.revealed.left_over)
    extended_only = {b"\\nonexistent": entry.id is None, b"\\subscribed": entry.subscribed}
    truths = extended_only | {b"\\haschildren": inferior or left_over, b"\\hasnochildren": not inferior}
    for attribute, truth in truths.items():
        require(truth or attribute not in attributes, "RFC 9051 §7.3.1: attributes are true", data, entry)
    if ListReturn.CHILDREN in command.returns:
        require(
            bool(attributes & {b"\\haschildren", b"\\hasnochildren"}) or entry.id is None, "RFC 5258 §4: CHILDREN asked for", data
        )
    if {ListReturn.SUBSCRIBED, ListSelect.SUBSCRIBED} & {*command.returns, *command.select} and entry.subscribed:
        require(b"\\subscribed" in attributes, "RFC 9051 §6.3.9.2: SUBSCRIBED asked for", data)
    require(entry.id is not None or bool(attributes & {b"\\nonexistent", b"\\noselect"}), "RFC 9051 §7.3.1: \\NonExistent", data)
    if {ListReturn.SPECIAL_USE, ListSelect.SPECIAL_USE} & {*command.returns, *command.select}:
        require({use.lower() for use in entry.special_use} <= attributes, "RFC 6154 §3: SPECIAL-USE asked for", data)
    require(data.child_info is None or ListSelect.RECURSIVEMATCH in command.select, "RFC 9051 §6.3.9.6: no CHILDINFO", data)


def check_list_status(
    turn: Turn, command: List, listed: list[ListData], entries: dict[str, MailboxEntry], data: list[Response]
) -> None:
    """RETURN (STATUS ...) brings one STATUS for each mailbox listed (RFC 9051 §6.3.9.2, RFC 5819 §2)."""
    statuses = {each.mailbox: each for each in data if isinstance(each, StatusData)}
    selectable = {each.mailbox for each in listed if each.mailbox in entries and entries[each.mailbox].id is not None}
    require(statuses.keys() == (selectable if command.status else set()), "RFC 5819 §2: STATUS of what was listed", data)
    for status in statuses.values():
        check_status_after(turn, command, status)


def check_status_after(turn: Turn, command: List, status: StatusData) -> None:
    """The counts are those of a moment after the names were looked at, since LIST is not atomic (RFC 5819 §2)."""
    wanted = stored(FetchStatus(turn.session.user, (status.mailbox,), frozenset(command.status or ())))
    status = without_limit(turn.session, status, command.status or ())
    found = [attempt(world, wanted)[0] for world in turn.after]
    *others, last = [each for each in found if each is not None]
    for expected in others:
        try:
            check_status(status, expected.values, turn.revealed, expected.id)
        except Inadmissible:
            continue
        return
    check_status(status, last.values, turn.revealed, last.id)


def lsub(turn: Turn, command: Lsub, entries: dict[str, MailboxEntry]) -> None:
    r"""Subscribed names; with ``%`` also those above them, as \Noselect (RFC 3501 §6.3.9)."""
    turn.answer.expect(Condition.OK, rule="RFC 3501 §6.3.9: LSUB is OK")
    told = turn.replay()
    subscribed = [entry.name for entry in entries.values() if entry.subscribed]
    wanted = {name for name in subscribed if any_pattern(command, name)}
    parents = set()
    for components in [name.split(SEPARATOR) for name in subscribed]:
        parents |= {SEPARATOR.join(components[:depth]) for depth in range(1, len(components))}
    wanted |= {name for name in parents if "%" in command.pattern and any_pattern(command, name)}
    listed = [each for each in told.data if isinstance(each, ListData)]
    require({each.mailbox for each in listed} == wanted, "RFC 3501 §6.3.9: the names subscribed to", listed, wanted)
    require(all(each.lsub for each in listed), "RFC 3501 §7.2.3: answered as LSUB", listed)
    require_one_separator(turn, listed)
