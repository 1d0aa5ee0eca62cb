"""Command rules to values: one row per rule of the grammar files (RFC 9051 §6)."""

from base64 import b64decode
from collections.abc import Callable
from typing import Any, Final

from attrs import evolve
from lark import Token

from angarium.grammar.imap import commands, terminals
from angarium.grammar.imap.acl_rules import ACL_COMMAND_RULES
from angarium.grammar.imap.commands import Command, FetchAttribute, FetchItem, ListReturn, ListSelect, StatusItem
from angarium.grammar.imap.return_rules import RETURN_RULES, only_partial
from angarium.grammar.imap.search_rules import SEARCH_RULES
from angarium.grammar.imap.sort_rules import SORT_COMMAND_RULES
from angarium.grammar.imap.terminals import NUMBER64_MAX, Source

FETCH_MACROS: Final = {
    "FAST": (FetchItem.FLAGS, FetchItem.INTERNALDATE, FetchItem.RFC822_SIZE),
    "ALL": (FetchItem.FLAGS, FetchItem.INTERNALDATE, FetchItem.RFC822_SIZE, FetchItem.ENVELOPE),
    "FULL": (FetchItem.FLAGS, FetchItem.INTERNALDATE, FetchItem.RFC822_SIZE, FetchItem.ENVELOPE, FetchItem.BODY),
}
"""What the macros stand for (RFC 9051 §6.4.5)."""

_WITHOUT_ARGUMENTS: Final[dict[str, Command]] = {
    "CAPABILITY": commands.Capability(),
    "LOGOUT": commands.Logout(),
    "NOOP": commands.Noop(),
    "STARTTLS": commands.StartTls(),
    "CHECK": commands.Check(),
    "CLOSE": commands.Close(),
    "UNSELECT": commands.Unselect(),
    "EXPUNGE": commands.Expunge(),
    "UNAUTHENTICATE": commands.Unauthenticate(),
}


def _without_arguments(children: list[Token], source: Source) -> Command:
    return _WITHOUT_ARGUMENTS[children[0].type]


def _mailbox(children: list[Token], source: Source) -> str:
    return terminals.mailbox(children[0], source)


def _list_mailbox(children: list[Token], source: Source) -> str:
    return terminals.list_mailbox(children[0], source)


def _given(children: list[Any], source: Source) -> tuple[Any, ...]:
    return tuple(child for child in children if child is not None)


# RFC 9051 §6.1, §6.2; RFC 2971


def _id(children: list[Any], source: Source) -> Command:
    return commands.Id(id_parameters(children, source))


def id_parameters(children: list[Any], source: Source) -> tuple[tuple[bytes, bytes | None], ...] | None:
    """``id_params_list``: fields and values by turns, or NIL (RFC 2971 §4)."""
    if children[0] is None:
        return ()
    if children[0].type == "NIL":
        return None
    pairs = zip(children[::2], children[1::2], strict=True)
    return tuple((terminals.string(name, source), terminals.nstring(value, source)) for name, value in pairs)


def _authenticate(children: list[Any], source: Source) -> Command:
    mechanism, response = children
    if response is None:
        return commands.Authenticate(mechanism.encode("ascii"))
    return commands.Authenticate(mechanism.encode("ascii"), b"" if response == "=" else b64decode(response))


def _login(children: list[Token], source: Source) -> Command:
    userid, password = children
    return commands.Login(terminals.string(userid, source), terminals.string(password, source))


# RFC 9051 §6.3


def _enable(children: list[Token], source: Source) -> Command:
    return commands.Enable(tuple(capability.encode("ascii") for capability in children))


def _select(children: list[Any], source: Source) -> commands.Select:
    mailbox, parameters = children[0], children[1] if len(children) > 1 else ()
    qresync = next((each for each in parameters if isinstance(each, commands.Qresync)), None)
    # RFC 7162 §3.2.5: QRESYNC implies CONDSTORE, yet the value keeps what the client wrote.
    condstore = any(isinstance(each, Token) for each in parameters)
    return commands.Select(mailbox, condstore=condstore, qresync=qresync)


def _examine(children: list[Any], source: Source) -> Command:
    return evolve(_select(children, source), read_only=True)


def _qresync(children: list[Any], source: Source) -> commands.Qresync:
    uidvalidity, mod_sequence, known_uids, match = children
    return commands.Qresync(
        terminals.number(uidvalidity, 1),
        terminals.nz_number64(mod_sequence),
        None if known_uids is None else terminals.sequence_set(known_uids),
        match,
    )


def _seq_match_data(children: list[Token], source: Source) -> tuple[Any, ...]:
    return tuple(terminals.sequence_set(token) for token in children)


def _create_params(children: list[tuple[bytes, ...]], source: Source) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(use for uses in children for use in uses))


def _use(children: list[Token | None], source: Source) -> tuple[bytes, ...]:
    return tuple(token.encode("ascii") for token in children if token is not None)


def _status_atts(children: list[Token], source: Source) -> tuple[StatusItem, ...]:
    return tuple(StatusItem(token.upper().encode("ascii")) for token in children)


def _status(children: list[Any], source: Source) -> Command:
    return commands.Status(*children)


def _list(children: list[Any], source: Source) -> Command:
    options, reference, patterns, returns = children
    select = frozenset(ListSelect(option.encode("ascii")) for option in (options or "()")[1:-1].upper().split())
    several = isinstance(patterns, tuple)
    tokens = [each for each in returns or () if isinstance(each, Token)]
    return commands.List(
        reference,
        patterns if several else (patterns,),
        select,
        frozenset(ListReturn(token.upper().encode("ascii")) for token in tokens),
        next((each for each in returns or () if not isinstance(each, Token)), None),
        extended=several or options is not None or returns is not None,
    )


def _status_option(children: list[Any], source: Source) -> tuple[StatusItem, ...]:
    items: tuple[StatusItem, ...] = children[0]
    return items


def _append(children: list[Any], source: Source) -> Command:
    mailbox, first, *more = children
    return commands.Append(mailbox, first.message, first.flags, first.date_time, first.binary, tuple(more))


def _append_message(children: list[Any], source: Source) -> commands.AppendMessage:
    flags, date_time, data = children
    is_literal = isinstance(data, Token)
    return commands.AppendMessage(
        terminals.literal(data, source) if is_literal else data,
        () if flags is None else terminals.flags(flags),
        None if date_time is None else terminals.date_time(date_time),
        is_literal and data.type == "LITERAL8",
    )


def _catenation(children: list[Any], source: Source) -> commands.Catenation:
    return commands.Catenation(tuple(terminals.literal(each, source) if isinstance(each, Token) else each for each in children))


def _cat_url(children: list[Token], source: Source) -> commands.Url:
    return commands.Url(terminals.string(children[0], source))


# RFC 9051 §6.4


def _uid(children: list[Any], source: Source) -> Command:
    command = children[0]
    return command if isinstance(command, commands.Expunge) else evolve(command, uid=True)


def _uid_expunge(children: list[Token], source: Source) -> Command:
    return commands.Expunge(terminals.sequence_set(children[0]))


def _copy(children: list[Any], source: Source) -> Command:
    return commands.Copy(terminals.sequence_set(children[0]), children[1])


def _move(children: list[Any], source: Source) -> Command:
    return commands.Move(terminals.sequence_set(children[0]), children[1])


def _replace(children: list[Any], source: Source) -> Command:
    number, mailbox, message = children
    return commands.Replace(terminals.sequence_set(number), mailbox, message)


def _fetch(children: list[Any], source: Source) -> Command:
    numbers, items, *modifiers = children
    given = modifiers[0] if modifiers else ()
    return commands.Fetch(
        terminals.sequence_set(numbers),
        items,
        changed_since=next((each for each in given if isinstance(each, int)), None),
        vanished=any(isinstance(each, Token) for each in given),
        partial=only_partial(given, "fetch-modifier"),
    )


def _fetch_atts(children: list[Token], source: Source) -> tuple[FetchAttribute, ...]:
    if children[0].type == "FETCH_MACRO":
        return FETCH_MACROS[children[0].upper()]
    return tuple(_fetch_att(token, source) for token in children)


def _fetch_att(token: Token, source: Source) -> FetchAttribute:
    if token.type == "FETCH_ATT":
        name, modified, _ = token.upper().partition(" (")
        # RFC 8970 §6: the only modifier there is, LAZY, may be repeated.
        return FetchItem.PREVIEW_LAZY if modified else FetchItem(name.encode("ascii"))
    section, offset, size, _ = terminals.section(token, source)
    peek = token[:12].upper().startswith(("BODY.PEEK", "BINARY.PEEK"))
    match token.type:
        case "FETCH_BODY":
            return commands.FetchBody(section, terminals.partial(offset, size), peek)
        case "FETCH_BINARY":
            return commands.FetchBinary(section.part, terminals.partial(offset, size), peek)
        case _:
            return commands.FetchBinarySize(section.part)


def _changed_since(children: list[Token], source: Source) -> int:
    return terminals.nz_number64(children[0])


def _store_modifiers(children: list[Token], source: Source) -> int:
    # RFC 7162 §7: only one UNCHANGEDSINCE; the last one counts here.
    return terminals.number(children[-1], 0, NUMBER64_MAX)


def _store(children: list[Any], source: Source) -> Command:
    numbers, *modifiers, att, flags = children
    name = att.upper()
    return commands.Store(
        terminals.sequence_set(numbers),
        commands.StoreMode(name[: name.index("F")].encode("ascii")),
        terminals.flags(flags),
        silent=name.endswith(".SILENT"),
        unchanged_since=modifiers[0] if modifiers else None,
    )


def _search(children: list[Any], source: Source) -> Command:
    returns, charset, key = children
    return commands.Search(key, None if charset is None else terminals.string(charset, source), **(returns or {}))


def _value(command: Callable[..., Command]) -> Callable[[list[Any], Source], Command]:
    """The rule's children are the value's fields in their order."""
    return lambda children, source: command(*children)


COMMAND_RULES: Final[dict[str, Callable[[list[Any], Source], Any]]] = {
    **SEARCH_RULES,
    **SORT_COMMAND_RULES,
    **ACL_COMMAND_RULES,
    "command_any": _without_arguments,
    "command_nonauth": _without_arguments,
    "command_select": _without_arguments,
    "mailbox": _mailbox,
    "list_mailbox": _list_mailbox,
    "id": _id,
    "authenticate": _authenticate,
    "login": _login,
    "enable": _enable,
    "select": _select,
    "examine": _examine,
    "select_params": _given,
    "qresync": _qresync,
    "seq_match_data": _seq_match_data,
    "create": _value(commands.Create),
    "create_params": _create_params,
    "use": _use,
    "delete": _value(commands.Delete),
    "rename": _value(commands.Rename),
    "subscribe": _value(commands.Subscribe),
    "unsubscribe": _value(commands.Unsubscribe),
    "lsub": _value(commands.Lsub),
    "namespace_command": _value(commands.Namespace),
    "idle": _value(commands.Idle),
    "compress": _value(commands.Compress),
    "status": _status,
    "status_atts": _status_atts,
    "list": _list,
    "patterns": _given,
    "list_return_opts": _given,
    "status_option": _status_option,
    "append": _append,
    "append_message": _append_message,
    "catenation": _catenation,
    "cat_url": _cat_url,
    "uid": _uid,
    "uid_expunge": _uid_expunge,
    "copy": _copy,
    "move": _move,
    "replace": _replace,
    "fetch": _fetch,
    "fetch_atts": _fetch_atts,
    "fetch_modifiers": _given,
    "changed_since": _changed_since,
    "store": _store,
    "store_modifiers": _store_modifiers,
    "search": _search,
    **RETURN_RULES,
}
"""Rule or alias of the grammar files to the function that makes its value."""
