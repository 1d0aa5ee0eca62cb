"""What SORT and THREAD mean, step by step as the RFC tells it (RFC 5256 §2, §3): no index, no care for large mailboxes.

This is what a store is measured against. It shares with stores only what is found in each message at delivery.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from attrs import define, field

from angarium.engine.mail.addresses import Address
from angarium.engine.mail.charset import decode, decode_words, fold
from angarium.engine.mail.envelope import Envelope, envelope
from angarium.engine.mail.prerender import Prerendered, prerender
from angarium.engine.mail.structure import parse_message
from angarium.grammar.imap.sorting import SortCriterion, SortKey, ThreadAlgorithm, ThreadMembers


class Sortable(Protocol):
    """What SORT and THREAD look at in a message."""

    @property
    def uid(self) -> int:
        """Its UID."""

    @property
    def internal_date(self) -> datetime:
        """When it was received."""

    @property
    def content(self) -> bytes:
        """The whole of it."""


AnySortable = TypeVar("AnySortable", bound=Sortable)


def sent_date(message: Sortable) -> int:
    """The moment in ``Date:``, else the internal date (RFC 5256 §2.2)."""
    sent = prerender(message.content).sent_utc
    return arrival(message) if sent is None else sent


def arrival(message: Sortable) -> int:
    """The internal date and time (RFC 5256 §3, ``ARRIVAL``)."""
    return int(message.internal_date.timestamp())


def envelope_of(message: Sortable) -> Envelope:
    """The envelope (RFC 9051 §7.5.2)."""
    return envelope(parse_message(message.content).fields)


def display(addresses: Sequence[Address]) -> str:
    """Who is shown for the first of some addresses (RFC 5957 §3, §4)."""
    if not addresses:
        return ""
    first = addresses[0]
    shown = decode_words(first.name or b"")
    if not shown and first.host is not None and first.mailbox is not None:
        shown = decode(first.mailbox + b"@" + first.host, None)
    return fold(shown or decode(first.mailbox or b"", None))


SORT_VALUES: dict[SortKey, Callable[[Sortable], Any]] = {
    SortKey.ARRIVAL: arrival,
    SortKey.CC: lambda message: prerender(message.content).cc_key,
    SortKey.DATE: sent_date,
    SortKey.DISPLAYFROM: lambda message: display(envelope_of(message).from_),
    SortKey.DISPLAYTO: lambda message: display(envelope_of(message).to),
    SortKey.FROM: lambda message: prerender(message.content).from_key,
    SortKey.SIZE: lambda message: len(message.content),
    SortKey.SUBJECT: lambda message: prerender(message.content).subject_key,
    SortKey.TO: lambda message: prerender(message.content).to_key,
}
"""What each key compares (RFC 5256 §3, BASE.6.4.SORT); strings are folded (RFC 5051)."""


def sorted_messages(criteria: Sequence[SortCriterion], messages: Iterable[AnySortable]) -> list[AnySortable]:
    """Order messages by all criteria, the first before the second, and else as in the mailbox (RFC 5256 §3)."""
    ordered = sorted(messages, key=lambda message: message.uid)
    for criterion in reversed(criteria):
        ordered.sort(key=SORT_VALUES[criterion.key], reverse=criterion.reverse)
    return ordered


def threads(algorithm: ThreadAlgorithm, messages: Sequence[Sortable]) -> ThreadMembers:
    """The threads of messages that come in mailbox order (RFC 5256 §3, BASE.6.4.THREAD)."""
    roots = THREADING[algorithm](messages)
    return tuple(member for root in roots for member in told(root, 0))


@define(eq=False)
class Node:
    """A message in a thread, or (``message`` None) a dummy."""

    message: Sortable | None = None
    parent: "Node | None" = None
    children: "list[Node]" = field(factory=list)

    @property
    def keys(self) -> Prerendered:
        """What was found in the message; of a dummy, in its first child."""
        return prerender(self.head.content)

    @property
    def head(self) -> Sortable:
        """The message, or that of the first child."""
        return self.children[0].head if self.message is None else self.message

    @property
    def date(self) -> tuple[int, int]:
        """Sent date, and mailbox order where two are the same (RFC 5256 §2.2)."""
        return sent_date(self.head), self.head.uid

    def adopt(self, child: "Node") -> None:
        """Make ``child`` a child of this one, unless it would be its own descendant (RFC 5256 §3, step 1.A)."""
        above: Node | None = self
        while above is not None:
            if above is child:
                return
            above = above.parent
        child.parent = self
        self.children.append(child)

    def leave(self) -> None:
        """Break the link to the parent."""
        if self.parent is not None:
            self.parent.children.remove(self)
            self.parent = None


def told(node: Node, depth: int) -> Iterable[tuple[int, int | None]]:
    """A node and those below it, as a response lists them (RFC 5256 §4)."""
    yield depth, None if node.message is None else node.message.uid
    for child in node.children:
        yield from told(child, depth + 1)


def by_date(nodes: Iterable[Node]) -> list[Node]:
    """Siblings in the order of their sent dates (RFC 5256 §2.2)."""
    return sorted(nodes, key=lambda node: node.date)


def ordered_subject(messages: Sequence[Sortable]) -> list[Node]:
    """ORDEREDSUBJECT: sorted by subject and date, split by subject, the threads sorted by date (RFC 5256 §3)."""
    ordered = sorted_messages((SortCriterion(SortKey.SUBJECT), SortCriterion(SortKey.DATE)), messages)
    roots: list[Node] = []
    for message in ordered:
        node = Node(message)
        if roots and roots[-1].keys.subject_key == node.keys.subject_key:
            roots[-1].adopt(node)
        else:
            roots.append(node)
    return by_date(roots)


def refs(messages: Sequence[Sortable]) -> list[Node]:
    """REFS: no regard to subjects, and the thread with the message received last is last."""
    roots = by_date(by_ids(messages))
    for root in roots:
        sort_all(root)
    return sorted(roots, key=latest)


def latest(node: Node) -> int:
    """When the newest message of a thread was received."""
    own = [] if node.message is None else [arrival(node.message)]
    return max(own + [latest(child) for child in node.children])


def by_ids(messages: Sequence[Sortable]) -> list[Node]:
    """Steps (1) to (3); the children of dummies sorted, for the first of them stands for the dummy (RFC 5256 §3 REFERENCES)."""
    nodes, dummies = linked(messages)
    roots = [node for node in [*nodes, *dummies] if node.parent is None]  # (2)
    roots = [kept for root in roots for kept in pruned(root, at_top=True)]  # (3)
    for root in roots:
        root.children = by_date(root.children)
    return roots


def references(messages: Sequence[Sortable]) -> list[Node]:
    """REFERENCES, all six steps (RFC 5256 §3)."""
    roots = merged(by_date(by_ids(messages)))  # (4), (5)
    for root in roots:
        sort_all(root)
    return by_date(roots)  # (6)


def linked(messages: Sequence[Sortable]) -> tuple[list[Node], list[Node]]:
    """Step (1): a node for each message, and dummies for ids that no message has (RFC 5256 §3 REFERENCES)."""
    nodes = [Node(message) for message in messages]
    dummies: list[Node] = []
    ids: dict[str, Node] = {}
    for node in nodes:
        if node.keys.message_id and node.keys.message_id not in ids:
            ids[node.keys.message_id] = node
    for node in nodes:
        chain: list[Node] = []
        for reference in prerender(node.head.content).references:
            if reference not in ids:
                dummies.append(Node())
                ids[reference] = dummies[-1]
            chain.append(ids[reference])
        for parent, child in pairwise(chain):  # (A)
            if child.parent is None:
                parent.adopt(child)
        node.leave()  # (B)
        if chain:
            chain[-1].adopt(node)
    return nodes, dummies


def pruned(node: Node, at_top: bool) -> list[Node]:
    """Step (3): what is left of a node: itself, or if it is a dummy its children, or nothing (RFC 5256 §3 REFERENCES)."""
    node.children = [kept for child in node.children for kept in pruned(child, at_top=False)]
    if node.message is not None or (at_top and len(node.children) > 1):
        return [node]
    return node.children


def merged(roots: list[Node]) -> list[Node]:
    """Step (5): one thread for each subject (RFC 5256 §3 REFERENCES)."""
    table: dict[str, Node] = {}
    for node in roots:  # (B)
        known = table.get(node.keys.subject_key)
        better = known is not None and known.message is not None and (node.message is None or starts(node, known))
        if known is None or better:
            table[node.keys.subject_key] = node
    left = list(roots)
    for node in roots:  # (C)
        subject = node.keys.subject_key
        known = table[subject]
        if not subject or known is node:
            continue
        left.remove(node)
        if known.message is None:
            known.children += node.children if node.message is None else [node]
        elif starts(known, node):
            known.children.append(node)
        else:
            left[left.index(known)] = table[subject] = Node(children=[known, node])
    return left


def starts(node: Node, reply: Node) -> bool:
    """Say whether the one is no reply or forward and the other is."""
    return reply.keys.is_reply and not node.keys.is_reply


def sort_all(node: Node) -> None:
    """Step (6): the youngest siblings first (RFC 5256 §3 REFERENCES)."""
    for child in node.children:
        sort_all(child)
    node.children = by_date(node.children)


THREADING: dict[ThreadAlgorithm, Callable[[Sequence[Sortable]], list[Node]]] = {
    ThreadAlgorithm.ORDEREDSUBJECT: ordered_subject,
    ThreadAlgorithm.REFERENCES: references,
    ThreadAlgorithm.REFS: refs,
}
"""What each algorithm makes of messages (RFC 5256 §3, BASE.6.4.THREAD)."""
