"""Command values to octets, as a client sends them (RFC 9051 §6, §9)."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, Final

from angarium.grammar.imap import commands, search_keys
from angarium.grammar.imap.commands import Command, FetchAttribute, FetchItem, TaggedCommand
from angarium.grammar.imap.render_acl import ACL_COMMANDS
from angarium.grammar.imap.render_search import conjunction_parts, search_key_parts
from angarium.grammar.imap.render_sort import cancelupdate_parts, search_return_opts, sort_parts, thread_parts
from angarium.grammar.imap.render_strings import (
    Literal,
    Part,
    astring,
    list_mailbox,
    mailbox,
    parenthesised,
    string,
)
from angarium.grammar.imap.render_values import (
    render_date_time,
    render_flags,
    render_section,
    render_section_part,
    render_sequence_set,
)
from angarium.grammar.imap.sections import Partial, Section

Parts = Iterator[Part]


def render_command(command: TaggedCommand, *, literal_plus: bool = False, utf8: bool = False) -> tuple[bytes, ...]:
    """The pieces of a command with its CRLF: each but the first waits for the server's continuation request.

    ``literal_plus``: literals are non-synchronizing, so there is one piece (RFC 7888 §3). ``utf8``: as after ENABLE IMAP4rev2.
    """
    pieces: list[bytes] = []
    piece = bytearray(command.tag + b" ")
    for part in _COMMANDS[type(command.command)](command.command, utf8):
        if isinstance(part, bytes):
            piece += part
            continue
        piece += b"%b{%d%b}\r\n" % (b"~" if part.binary else b"", len(part.octets), b"+" if literal_plus else b"")
        if not literal_plus:
            pieces.append(bytes(piece))
            piece.clear()
        piece += part.octets
    return (*pieces, bytes(piece + b"\r\n"))


def _name(octets: bytes) -> Callable[[Any, bool], Parts]:
    """A command that is its name."""

    def parts(command: Command, utf8: bool) -> Parts:
        yield octets

    return parts


def _one_mailbox(name: bytes) -> Callable[[Any, bool], Parts]:
    """A command with one mailbox name."""

    def parts(command: Any, utf8: bool) -> Parts:
        yield name + b" "
        yield mailbox(command.mailbox, utf8)

    return parts


def _create(command: commands.Create, utf8: bool) -> Parts:
    yield b"CREATE "
    yield mailbox(command.mailbox, utf8)
    if command.special_use is not None:
        yield b" (USE (%b))" % b" ".join(command.special_use)


def _numbers_and_mailbox(name: bytes) -> Callable[[Any, bool], Parts]:
    """COPY and MOVE."""

    def parts(command: Any, utf8: bool) -> Parts:
        yield b"%b%b %b " % (_uid(command.uid), name, render_sequence_set(command.numbers))
        yield mailbox(command.mailbox, utf8)

    return parts


def _uid(uid: bool) -> bytes:
    return b"UID " if uid else b""


def _in_order(members: type[Enum], chosen: Iterable[Enum]) -> list[bytes]:
    """A set of options in the order their RFC lists them, so that the same value gives the same octets."""
    return [member.value for member in members if member in chosen]


# RFC 9051 §6.1, §6.2; RFC 2971


def _id(command: commands.Id, utf8: bool) -> Parts:
    yield b"ID "
    if command.parameters is None:
        yield b"NIL"
        return
    pairs = [text for pair in command.parameters for text in pair]
    yield from parenthesised(b"NIL" if text is None else string(text, utf8) for text in pairs)


def _authenticate(command: commands.Authenticate, utf8: bool) -> Parts:
    yield b"AUTHENTICATE " + command.mechanism
    if command.initial_response is not None:
        yield b" " + (b64encode(command.initial_response) or b"=")


def _login(command: commands.Login, utf8: bool) -> Parts:
    yield b"LOGIN "
    yield astring(command.userid, utf8)
    yield b" "
    yield astring(command.password, utf8)


# RFC 9051 §6.3


def _enable(command: commands.Enable, utf8: bool) -> Parts:
    yield b" ".join([b"ENABLE", *command.capabilities])


def _select(command: commands.Select, utf8: bool) -> Parts:
    yield b"EXAMINE " if command.read_only else b"SELECT "
    yield mailbox(command.mailbox, utf8)
    parameters = [b"CONDSTORE"] if command.condstore else []
    if command.qresync is not None:
        parameters.append(b"QRESYNC (" + _qresync(command.qresync) + b")")
    if parameters:
        yield b" (" + b" ".join(parameters) + b")"


def _qresync(qresync: commands.Qresync) -> bytes:
    parts = [b"%d %d" % (qresync.uidvalidity, qresync.mod_sequence)]
    if qresync.known_uids is not None:
        parts.append(render_sequence_set(qresync.known_uids))
    if qresync.sequence_match is not None:
        parts.append(b"(" + b" ".join([render_sequence_set(each) for each in qresync.sequence_match]) + b")")
    return b" ".join(parts)


def _rename(command: commands.Rename, utf8: bool) -> Parts:
    yield b"RENAME "
    yield mailbox(command.mailbox, utf8)
    yield b" "
    yield mailbox(command.new_name, utf8)


def _list(command: commands.List, utf8: bool) -> Parts:
    returns = _in_order(commands.ListReturn, command.returns)
    if command.status is not None:
        returns.append(b"STATUS (" + b" ".join([item.value for item in command.status]) + b")")
    yield b"LIST "
    # "()" is the shortest way to say that the extended form is meant when nothing else does (RFC 5258 §3).
    if command.select or (command.extended and not returns and len(command.patterns) == 1):
        yield b"(" + b" ".join(_in_order(commands.ListSelect, command.select)) + b") "
    yield mailbox(command.reference, utf8)
    yield b" "
    patterns = [list_mailbox(pattern, utf8) for pattern in command.patterns]
    yield from parenthesised(patterns) if len(patterns) > 1 else patterns
    if returns:
        yield b" RETURN (" + b" ".join(returns) + b")"


def _lsub(command: commands.Lsub, utf8: bool) -> Parts:
    yield b"LSUB "
    yield mailbox(command.reference, utf8)
    yield b" "
    yield list_mailbox(command.pattern, utf8)


def _status(command: commands.Status, utf8: bool) -> Parts:
    yield b"STATUS "
    yield mailbox(command.mailbox, utf8)
    yield b" (" + b" ".join([item.value for item in command.items]) + b")"


def _append(command: commands.Append, utf8: bool) -> Parts:
    yield b"APPEND "
    yield mailbox(command.mailbox, utf8)
    for message in command.messages:
        yield from _append_message(message)


def _append_message(message: commands.AppendMessage) -> Parts:
    if message.flags:
        yield b" " + render_flags(message.flags)
    if message.date_time is not None:
        yield b" " + render_date_time(message.date_time)
    yield b" "
    if isinstance(message.message, commands.Catenation):
        yield from _catenation(message.message)
    else:
        yield _literal(message.message, message.binary)


def _literal(octets: bytes | commands.StagedLiteral, binary: bool = False) -> Literal:
    if isinstance(octets, commands.StagedLiteral):
        raise ValueError("a message that is in the store cannot be sent from here")
    return Literal(octets, binary)


def _catenation(message: commands.Catenation) -> Parts:
    yield b"CATENATE "
    for index, part in enumerate(message.parts):
        yield b" " if index else b"("
        if isinstance(part, commands.Url):
            yield b"URL "
            yield astring(part.octets, utf8=False)
        else:
            yield b"TEXT "
            yield _literal(part)
    yield b")"


def _replace(command: commands.Replace, utf8: bool) -> Parts:
    yield b"%bREPLACE %b " % (_uid(command.uid), render_sequence_set(command.number))
    yield mailbox(command.mailbox, utf8)
    yield from _append_message(command.message)


# RFC 9051 §6.4


def _expunge(command: commands.Expunge, utf8: bool) -> Parts:
    yield b"EXPUNGE" if command.uids is None else b"UID EXPUNGE " + render_sequence_set(command.uids)


def _search(command: commands.Search, utf8: bool) -> Parts:
    yield _uid(command.uid) + b"SEARCH "
    yield search_return_opts(command)
    if command.charset is not None:
        yield b"CHARSET "
        yield astring(command.charset, utf8)
        yield b" "
    if isinstance(command.key, search_keys.And):
        yield from conjunction_parts(command.key.keys, utf8)
    else:
        yield from search_key_parts(command.key, utf8)


def _fetch(command: commands.Fetch, utf8: bool) -> Parts:
    yield b"%bFETCH %b " % (_uid(command.uid), render_sequence_set(command.numbers))
    yield b"("
    for index, item in enumerate(command.items):
        if index:
            yield b" "
        yield from _fetch_att(item, utf8)
    yield b")"
    modifiers = [] if command.changed_since is None else [b"CHANGEDSINCE %d" % command.changed_since]
    if command.vanished:
        modifiers.append(b"VANISHED")
    if command.partial is not None:
        modifiers.append(b"PARTIAL " + bytes(command.partial))
    if modifiers:
        yield b" (" + b" ".join(modifiers) + b")"


def _fetch_att(item: FetchAttribute, utf8: bool) -> Parts:
    match item:
        case FetchItem():
            yield item.value
        case commands.FetchBody(section, partial, peek):
            yield b"BODY.PEEK" if peek else b"BODY"
            yield from _section(section, utf8)
            yield _partial(partial)
        case commands.FetchBinary(part, partial, peek):
            yield b"BINARY%b[%b]" % (b".PEEK" if peek else b"", render_section_part(part))
            yield _partial(partial)
        case _:
            yield b"BINARY.SIZE[%b]" % render_section_part(item.part)


def _section(section: Section, utf8: bool) -> Parts:
    """As ``render_section``, with the literals that a name in the header-list may need kept apart."""
    if not section.fields:
        yield render_section(section)
        return
    yield render_section(Section(section.part, section.text))[:-1] + b" "
    yield from parenthesised(astring(name, utf8) for name in section.fields)
    yield b"]"


def _partial(partial: Partial | None) -> bytes:
    return b"" if partial is None else b"<%d.%d>" % (partial.offset, partial.octets_max)


def _store(command: commands.Store, utf8: bool) -> Parts:
    modifier = b"" if command.unchanged_since is None else b"(UNCHANGEDSINCE %d) " % command.unchanged_since
    yield b"%bSTORE %b %b%bFLAGS%b " % (
        _uid(command.uid),
        render_sequence_set(command.numbers),
        modifier,
        command.mode.value,
        b".SILENT" if command.silent else b"",
    )
    yield render_flags(command.flags)


_COMMANDS: Final[dict[type[Command], Callable[[Any, bool], Parts]]] = {
    commands.Capability: _name(b"CAPABILITY"),
    commands.Noop: _name(b"NOOP"),
    commands.Logout: _name(b"LOGOUT"),
    commands.Id: _id,
    commands.StartTls: _name(b"STARTTLS"),
    commands.Authenticate: _authenticate,
    commands.Login: _login,
    commands.Enable: _enable,
    commands.Select: _select,
    commands.Create: _create,
    commands.Delete: _one_mailbox(b"DELETE"),
    commands.Rename: _rename,
    commands.Subscribe: _one_mailbox(b"SUBSCRIBE"),
    commands.Unsubscribe: _one_mailbox(b"UNSUBSCRIBE"),
    commands.List: _list,
    commands.Lsub: _lsub,
    commands.Namespace: _name(b"NAMESPACE"),
    commands.Status: _status,
    commands.Append: _append,
    commands.Idle: _name(b"IDLE"),
    commands.Compress: _name(b"COMPRESS DEFLATE"),
    commands.Unauthenticate: _name(b"UNAUTHENTICATE"),
    **ACL_COMMANDS,
    commands.Check: _name(b"CHECK"),
    commands.Close: _name(b"CLOSE"),
    commands.Unselect: _name(b"UNSELECT"),
    commands.Expunge: _expunge,
    commands.Search: _search,
    commands.Sort: sort_parts,
    commands.Thread: thread_parts,
    commands.CancelUpdate: cancelupdate_parts,
    commands.Fetch: _fetch,
    commands.Store: _store,
    commands.Copy: _numbers_and_mailbox(b"COPY"),
    commands.Move: _numbers_and_mailbox(b"MOVE"),
    commands.Replace: _replace,
}
