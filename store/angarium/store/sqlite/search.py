r"""SEARCH (RFC 9051 §6.4.4): the key tree becomes one SQL condition.

Keys on text are answered first, each by a list of contents (``search_text``), and enter the condition as ``content IN (list)``.
They are asked only about messages that the other keys of the outermost AND leave over, and those before them in any AND.
"""

from bisect import bisect_right
from collections.abc import Callable
from typing import Any, Final

from attrs import define, field

from angarium.engine.mail.object_ids import digest_prefix
from angarium.engine.operations import Found, SearchMessages, UidMap
from angarium.grammar.imap.search_keys import (
    All,
    And,
    BodyContains,
    DateField,
    DateIs,
    DateTest,
    EmailIdIs,
    HasFlag,
    HeaderContains,
    Larger,
    ModSequenceSince,
    Not,
    Older,
    Or,
    SaveDateSupported,
    SearchKey,
    Smaller,
    TextContains,
    ThreadIdIs,
    UidIs,
    Younger,
)
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.sqlite.flag_bits import system_bit
from angarium.store.sqlite.index import attach_index
from angarium.store.sqlite.mail import Mail, require_mailbox
from angarium.store.sqlite.search_scope import LISTED, balanced, is_empty, message_keys, narrowed, settled
from angarium.store.sqlite.search_text import Scope, TextKey, contents_with
from angarium.store.sqlite.users import SEARCH_INDEX, user_folder

_TEXT_KEYS: Final = (BodyContains, TextContains, HeaderContains)
_DEPTH_MAX: Final = 2
"""Keys inside keys within one statement."""
_RANGES_MAX: Final = 4
_NOTHING: Final = "0"
_LIST_MAX: Final = 1000
"""Longer lists of contents are faster asked one by one than looked up in an index."""

_WITH_DIGEST: Final = "message.content IN (SELECT number FROM content WHERE digest BETWEEN ? AND ?)"
_WITH_THREAD_ID: Final = "message.content IN (SELECT number FROM content WHERE thread_id = ?)"
_COMPARISONS: Final = {DateTest.BEFORE: "<", DateTest.ON: "=", DateTest.SINCE: ">="}
_DAYS: Final = {
    DateField.INTERNAL: "message.internal_day",
    DateField.SENT: "content.sent_day",
    # in UTC, as the save date is shown; the epoch was day 719163
    DateField.SAVED: "(message.saved / 86400 + 719163)",
}


def search_messages(mail: Mail, operation: SearchMessages) -> Found:
    """Carry out ``SearchMessages``."""
    hits = matching_rows(mail, operation, "message.modseq", "message.key")
    highest = max((modseq for _, modseq in hits), default=0) if operation.want_modseq else 0
    return Found(UidMap(uid for uid, _ in hits), highest)


def matching_rows(mail: Mail, operation: SearchMessages, columns: str, order: str) -> list[tuple[Any, ...]]:
    """Give the UID and other columns of every message that matches, in some order."""
    number = operation.mailbox.number
    require_mailbox(mail.connection, number)
    if not operation.within.ranges:
        return []
    functions: list[str] = []
    scope = _scope(mail, number, operation, functions)
    if has_text(operation.key):
        scope = settled(mail.connection, scope)
        if is_empty(mail.connection, scope):
            return []
    compiler = _Compiler(mail, scope, functions)
    condition = compiler.compile(operation.key)
    # The scope is part of it: what was answered separately was asked of the scope only, and NOT would let all others in.
    matching = narrowed(scope, condition, compiler.parameters)
    messages = matching.messages(f"{columns} {order}")
    rows = mail.connection.execute(
        f"SELECT message.key & 0xFFFFFFFF, {columns} FROM {messages} ORDER BY {order}", matching.parameters
    ).fetchall()
    inside = _membership(operation.within)
    # one range is what the statement asked for
    return rows if len(operation.within.ranges) == 1 else [row for row in rows if inside(row[0])]


def _scope(mail: Mail, number: int, operation: SearchMessages, functions: list[str]) -> Scope:
    """Say which messages text keys need to be asked about."""
    within = operation.within.ranges
    sql, parameters = "message.key BETWEEN ? AND ?", (number << 32 | within[0][0], number << 32 | within[-1][1])
    keys = operation.key.keys if isinstance(operation.key, And) else (operation.key,)
    cheap = tuple(key for key in keys if not has_text(key))
    if len(cheap) == len(keys):
        return Scope(sql, parameters)
    attach_index(mail.connection, user_folder(mail.parts.folder, mail.user) / SEARCH_INDEX)
    compiler = _Compiler(mail, Scope(sql, parameters), functions)
    return narrowed(Scope(sql, parameters), compiler.compile(And(cheap)), compiler.parameters)


def has_text(key: SearchKey) -> bool:
    """Say whether a key, or one inside it, looks at text."""
    match key:
        case Not(inner):
            return has_text(inner)
        case Or(left, right):
            return has_text(left) or has_text(right)
        case And(keys):
            return any(map(has_text, keys))
    return isinstance(key, _TEXT_KEYS)


@define
class _Compiler:
    """Writes a key tree as SQL over ``message`` and ``content``; every condition is true or false, never NULL."""

    mail: Mail
    scope: Scope
    functions: list[str]
    """names given to functions in SQL, shared by what will be one statement"""
    parameters: list[object] = field(factory=list)
    depth: int = 0

    def compile(self, key: SearchKey) -> str:
        match key:
            case All():
                return "1"
            case Not() | Or() | And() if self.depth == _DEPTH_MAX:
                return self._separately(key)
            case Not() | Or() | And():
                self.depth += 1
                condition = self._compound(key)
                self.depth -= 1
                return condition
            case HasFlag(flag):
                return self._flag(flag)
            case Larger(octets):
                return self._compare("message.octets > ?", octets)
            case Smaller(octets):
                return self._compare("message.octets < ?", octets)
            case ModSequenceSince(mod_sequence):
                return self._compare("message.modseq >= ?", min(mod_sequence, 2**63 - 1))
            case UidIs(uids):
                return self._uids(uids.resolve(0xFFFFFFFF))
            case SaveDateSupported():
                return "1"
            case Older(seconds):
                return self._compare("message.internal_utc <= ?", self.mail.now() - seconds)
            case Younger(seconds):
                return self._compare("message.internal_utc >= ?", self.mail.now() - seconds)
            case DateIs(which, test, day):
                return self._compare(f"ifnull({_DAYS[which]} {_COMPARISONS[test]} ?, 0)", day.toordinal())
            case EmailIdIs(object_id):
                return self._email_id(object_id)
            case ThreadIdIs(object_id):
                return self._compare(_WITH_THREAD_ID, object_id.decode("ascii"))
            case HeaderContains() | BodyContains() | TextContains():
                return self._text(key)
        raise AssertionError(f"{type(key).__name__} is a session's matter")

    def _compound(self, key: Not | Or | And) -> str:
        if isinstance(key, Not):
            return f"NOT ({self.compile(key.key)})"
        if isinstance(key, Or):
            return balanced([self.compile(each) for each in _alternatives(key)], "OR")
        return self._all(key.keys)

    def _all(self, keys: tuple[SearchKey, ...]) -> str:
        """Write AND. Each key on text narrows the scope of those after it, which are not asked at all once nothing is left."""
        whole, conditions = self.scope, list[str]()
        for key in sorted(keys, key=has_text):
            before = len(self.parameters)
            conditions.append(self.compile(key))
            if conditions[-1] == _NOTHING:
                break
            if has_text(key):
                self.scope = narrowed(self.scope, conditions[-1], self.parameters[before:])
        self.scope = whole
        return balanced(conditions, "AND")

    def _separately(self, key: SearchKey) -> str:
        """Answer what lies too deep for one statement in a statement of its own."""
        compiler = _Compiler(self.mail, self.scope, self.functions)
        matching = narrowed(self.scope, compiler.compile(key), compiler.parameters)
        return self._compare(LISTED, str(message_keys(self.mail.connection, matching)))

    def _compare(self, sql: str, value: object) -> str:
        self.parameters.append(value)
        return sql

    def _flag(self, flag: bytes) -> str:
        if bit := system_bit(flag):
            return f"message.flags & {bit} <> 0"
        return self._compare("instr(lower(message.keywords), ?) > 0", f" {flag.decode('utf-8', 'replace').lower()} ")

    def _email_id(self, object_id: bytes) -> str:
        prefix = digest_prefix(object_id)
        if prefix is None:
            return "0"
        self.parameters += (prefix, prefix + b"\xff" * 32)
        return _WITH_DIGEST

    def _uids(self, uids: NumberSet) -> str:
        if len(uids.ranges) > _RANGES_MAX:
            return f"{self._function(_membership(uids))}(message.key & 0xFFFFFFFF)"
        for bounds in uids.ranges:
            self.parameters.extend(bounds)
        return balanced(["message.key & 0xFFFFFFFF BETWEEN ? AND ?"] * len(uids.ranges), "OR") if uids.ranges else _NOTHING

    def _text(self, key: TextKey) -> str:
        blobs = self.mail.parts.blobs(self.mail.user)
        numbers = contents_with(self.mail.connection, blobs, key, self.scope)
        if not numbers:
            return _NOTHING
        if len(numbers) < _LIST_MAX:
            return self._compare("message.content IN (SELECT value FROM json_each(?))", str(numbers))
        return f"{self._function(frozenset(numbers).__contains__)}(message.content)"

    def _function(self, inside: Callable[[int], bool]) -> str:
        """Make a condition known to SQL, by a name of its own."""
        name = f"inside_{len(self.functions)}"
        self.functions.append(name)
        self.mail.connection.create_function(name, 1, inside, deterministic=True)
        return name


def _alternatives(key: SearchKey) -> list[SearchKey]:
    """List what a chain of ORs offers: clients nest them as deep as they have words to look for."""
    return [*_alternatives(key.left), *_alternatives(key.right)] if isinstance(key, Or) else [key]


def _membership(numbers: NumberSet) -> "_Membership":
    return _Membership([low for low, _ in numbers.ranges], [high for _, high in numbers.ranges])


@define
class _Membership:
    """Says whether a number is in a set, in time logarithmic in its ranges."""

    lows: list[int]
    highs: list[int]

    def __call__(self, number: int) -> bool:
        at = bisect_right(self.lows, number) - 1
        return at >= 0 and number <= self.highs[at]
