"""SORT and THREAD, commands and responses, RETURN and CANCELUPDATE, to octets (RFC 5256 §5, RFC 5267 §5)."""

from collections.abc import Iterator

from angarium.grammar.imap import commands, responses
from angarium.grammar.imap.render_search import conjunction_parts, search_key_parts
from angarium.grammar.imap.render_strings import Part
from angarium.grammar.imap.render_values import is_astring_atom, render_quoted
from angarium.grammar.imap.search_keys import And, SearchKey
from angarium.grammar.imap.sorting import SortCriterion, ThreadMembers


def sort_parts(command: commands.Sort, utf8: bool) -> Iterator[Part]:
    """``SORT`` and ``UID SORT`` (RFC 5256 §3, RFC 5267 §3)."""
    criteria = b" ".join(map(_criterion, command.criteria))
    yield b"%bSORT %b(%b) " % (b"UID " if command.uid else b"", search_return_opts(command), criteria)
    yield from _search_criteria(command.charset, command.key, utf8)


def thread_parts(command: commands.Thread, utf8: bool) -> Iterator[Part]:
    """``THREAD`` and ``UID THREAD`` (RFC 5256 §3)."""
    yield b"%bTHREAD %b " % (b"UID " if command.uid else b"", command.algorithm.value)
    yield from _search_criteria(command.charset, command.key, utf8)


def search_return_opts(command: commands.Search | commands.Sort) -> bytes:
    """``search-return-opts`` with the space behind them, or nothing (RFC 9051 §6.4.4, RFC 5267 §3, RFC 9394 §3.1)."""
    if command.returns is None:
        return b""
    options = [option.value for option in commands.SearchReturn if option in command.returns]
    if command.partial is not None:
        options.append(b"PARTIAL " + bytes(command.partial))
    return b"RETURN (%b) " % b" ".join(options)


def cancelupdate_parts(command: commands.CancelUpdate, utf8: bool) -> Iterator[Part]:
    """``CANCELUPDATE`` (RFC 5267 §4.3.5)."""
    yield b"CANCELUPDATE"
    for tag in command.tags:
        quoted = render_quoted(tag, utf8)
        if quoted is None:
            raise ValueError("a tag is quoted")
        yield b" " + quoted


def _criterion(criterion: SortCriterion) -> bytes:
    return b"REVERSE " + criterion.key.value if criterion.reverse else criterion.key.value


def _search_criteria(charset: bytes, key: SearchKey, utf8: bool) -> Iterator[Part]:
    """``search-criteria`` (RFC 5256 §5): no literal can be a charset."""
    quoted = charset if is_astring_atom(charset) and b"]" not in charset else render_quoted(charset)
    if quoted is None:
        raise ValueError("a charset is an atom or quoted")
    yield quoted + b" "
    yield from conjunction_parts(key.keys, utf8) if isinstance(key, And) else search_key_parts(key, utf8)


def render_sort(response: responses.SortData, utf8: bool) -> bytes:
    """``sort-data`` (RFC 5256 §4; mod-sequence RFC 7162 §3.1.9)."""
    parts = [b"* SORT", *[b"%d" % number for number in response.numbers]]
    # RFC 7162 §7: the mod-sequence stands only behind at least one number.
    if response.mod_sequence is not None and response.numbers:
        parts.append(b"(MODSEQ %d)" % response.mod_sequence)
    return b" ".join(parts)


def render_thread(response: responses.ThreadData, utf8: bool) -> bytes:
    """``thread-data`` (RFC 5256 §4)."""
    return b"* THREAD" + b"".join([b" " if response.members else b"", *thread_lists(response.members)])


def thread_lists(members: ThreadMembers) -> Iterator[bytes]:
    """The ``thread-list`` of every thread, in pieces.

    A member stands in parentheses of its own where it has siblings, or begins a thread; else it follows its parent.
    """
    children = _count_children(members)
    path: list[tuple[int, bool]] = []
    for place, (depth, number) in enumerate(members):
        closed = sum(opened for _, opened in path[depth:])
        del path[depth:]
        if closed:
            yield b")" * closed
        opens = depth == 0 or children[path[-1][0]] > 1
        if depth and path[-1][0] == place - 1 and members[place - 1][1] is not None:
            yield b" "
        if opens:
            yield b"("
        if number is not None:
            yield b"%d" % number
        path.append((place, opens))
    yield b")" * sum(opened for _, opened in path)


def _count_children(members: ThreadMembers) -> list[int]:
    """How many members answer each directly."""
    children = [0] * len(members)
    path: list[int] = []
    for place, (depth, _) in enumerate(members):
        del path[depth:]
        if path:
            children[path[-1]] += 1
        path.append(place)
    return children
