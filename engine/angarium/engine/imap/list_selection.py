r"""Which names LIST and LSUB answer with, and what they say of them (RFC 9051 §6.3.9, §7.3.1; RFC 5258; RFC 3501 §6.3.9).

The store tells of mailboxes and of names that are only subscribed to. To these come parents that do not exist themselves but
have something below them. All else is arithmetic on names.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from attrs import frozen

from angarium.engine.imap.list_patterns import Pattern, compile_patterns, matches_any
from angarium.engine.operations import SEPARATOR, MailboxEntry
from angarium.grammar.imap.commands import List, ListReturn, ListSelect, Lsub
from angarium.grammar.imap.responses import ListData

Meets = Callable[[MailboxEntry], bool]


def is_subscribed(entry: MailboxEntry) -> bool:
    """Criterion of SUBSCRIBED (RFC 9051 §6.3.9.1)."""
    return entry.subscribed


def has_special_use(entry: MailboxEntry) -> bool:
    """Criterion of SPECIAL-USE (RFC 6154 §3)."""
    return bool(entry.special_use)


CRITERIA: Final[dict[ListSelect, Meets]] = {ListSelect.SUBSCRIBED: is_subscribed, ListSelect.SPECIAL_USE: has_special_use}
"""Selection options that choose; REMOTE adds nothing here, RECURSIVEMATCH says how (RFC 9051 §6.3.9.1)."""


def is_selected(command: List, entry: MailboxEntry) -> bool:
    """Whether a name meets every criterion of the command by itself (RFC 9051 §6.3.9.1)."""
    return all(meets(entry) for option, meets in CRITERIA.items() if option in command.select)


@frozen
class Names:
    """Every name of a user: entries by name, implied parents among them, and which of them have existing children."""

    entries: dict[str, MailboxEntry]
    with_children: frozenset[str]


def ancestors(name: str) -> Iterator[str]:
    """Names above ``name``, nearest first (RFC 9051 §5.1.1)."""
    while SEPARATOR in name:
        name = name.rpartition(SEPARATOR)[0]
        yield name


def collect(entries: Iterable[MailboxEntry]) -> Names:
    """Add implied parents and find who has children (RFC 9051 §6.3.9.5)."""
    known = {entry.name: entry for entry in entries}
    parents = {above for entry in known.values() if entry.id is not None for above in ancestors(entry.name)}
    for name in parents - known.keys():
        known[name] = MailboxEntry(name, None)
    return Names(dict(sorted(known.items())), frozenset(parents))


def attributes(entry: MailboxEntry, names: Names, show_subscribed: bool, revision2: bool) -> tuple[bytes, ...]:
    r"""Attributes of one name (RFC 9051 §7.3.1). \NonExistent says \Noselect too, but not to those who know only RFC 3501."""
    result = [] if entry.id is not None else [rb"\NonExistent"] if revision2 else [rb"\NonExistent", rb"\Noselect"]
    if show_subscribed and entry.subscribed:
        result.append(rb"\Subscribed")
    result.append(rb"\HasChildren" if entry.name in names.with_children else rb"\HasNoChildren")
    result.extend(entry.special_use)
    return tuple(result)


def list_data(entries: Iterable[MailboxEntry], name: str, *, old_name: str | None = None) -> ListData:
    """The LIST response for one mailbox of ``entries``, as IMAP4rev2 has it (RFC 9051 §7.3.1, OLDNAME §6.3.9.7)."""
    names = collect(entries)
    entry = names.entries.get(name, MailboxEntry(name, None))
    return ListData(attributes(entry, names, show_subscribed=True, revision2=True), SEPARATOR, name, old_name=old_name)


def select_names(command: List, entries: Iterable[MailboxEntry], revision2: bool = False) -> Iterator[ListData]:
    """Answer LIST (RFC 9051 §6.3.9.3); one response for each name at most, in order of names."""
    names = collect(entries)
    patterns = compile_patterns(command.reference, command.patterns)
    criteria = [meets for option, meets in CRITERIA.items() if option in command.select]
    chosen = {name for name, entry in names.entries.items() if all(meets(entry) for meets in criteria)}
    if not criteria:
        # Without criteria what exists is listed, and what has children, for they are reached through it.
        chosen = {name for name in chosen if names.entries[name].id is not None or name in names.with_children}
    matching = {name for name in names.entries if matches_any(patterns, name)}
    below = _with_chosen_descendants(command, names, patterns, chosen, matching)
    show_subscribed = ListSelect.SUBSCRIBED in command.select or ListReturn.SUBSCRIBED in command.returns
    info = tuple(option.value for option in CRITERIA if option in command.select)
    listed = {name: names.entries[name] for name in names.entries if name in matching and (name in chosen or name in below)}
    listed.update((name, MailboxEntry(name, None)) for name in below if name not in names.entries)
    for name, entry in sorted(listed.items()):
        yield ListData(attributes(entry, names, show_subscribed, revision2), SEPARATOR, name, info if name in below else None)


def _with_chosen_descendants(
    command: List, names: Names, patterns: tuple[Pattern, ...], chosen: set[str], matching: set[str]
) -> set[str]:
    """Matching names with a chosen name below them, for CHILDINFO (RFC 9051 §6.3.9.6).

    A name that is not chosen itself is left out where a chosen one below it is listed anyway: it would say nothing new.
    """
    if ListSelect.RECURSIVEMATCH not in command.select:
        return set()
    all_below = {above for name in chosen for above in ancestors(name)}
    hidden_below = {above for name in chosen - matching for above in ancestors(name)}
    return {name for name in all_below if matches_any(patterns, name) and (name in chosen or name in hidden_below)}


def select_subscribed(command: Lsub, entries: Iterable[MailboxEntry]) -> Iterator[ListData]:
    r"""Answer LSUB: subscribed names, and with ``%`` their parents as \Noselect (RFC 3501 §6.3.9)."""
    patterns = compile_patterns(command.reference, (command.pattern,))
    subscribed = {entry.name: entry for entry in entries if entry.subscribed}
    found = {name for name in subscribed if matches_any(patterns, name)}
    parents: set[str] = set()
    if "%" in command.pattern:
        hidden = subscribed.keys() - found
        parents = {above for name in hidden for above in ancestors(name) if matches_any(patterns, above)}
    for name in sorted(found | parents):
        exists = name in subscribed and subscribed[name].id is not None
        yield ListData(() if exists else (rb"\Noselect",), SEPARATOR, name, lsub=True)
