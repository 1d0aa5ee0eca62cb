"""THREAD: messages to threads (RFC 5256 §3, BASE.6.4.THREAD).

REFERENCES works on nodes: a number for each message, in mailbox order, and further numbers for dummies, messages that are
referred to and are not here. ``parents`` says of each node whose child it is. All of it is loops over lists: threads may be as
deep as there are messages.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from attrs import define, field, frozen

from angarium.engine.mail.limits import thread_steps_max
from angarium.grammar.imap.sorting import ThreadAlgorithm, ThreadMembers

NOBODY: Final = -1
"""The parent of a node that has none."""


@frozen
class ThreadKeys:
    """What threading looks at in a message; dates in seconds, ``references`` eldest first (RFC 5256 §2.2, §3)."""

    uid: int
    sent: int
    received: int
    subject: str
    is_reply: bool
    message_id: str
    references: Sequence[str]


Messages = Sequence[ThreadKeys]
"""In mailbox order: where two have the same sent date, the first comes first (RFC 5256 §2.2)."""


def thread(algorithm: ThreadAlgorithm, messages: Messages) -> ThreadMembers:
    """The threads that ``messages`` make (RFC 5256 §3)."""
    return ALGORITHMS[algorithm](messages)


def by_subject(messages: Messages) -> ThreadMembers:
    """ORDEREDSUBJECT: a thread is what has one base subject, its first message the parent of all others (RFC 5256 §3)."""
    threads: dict[str, list[ThreadKeys]] = {}
    for message in sorted(messages, key=_sent):
        threads.setdefault(message.subject, []).append(message)
    return tuple([(int(place > 0), message.uid) for each in threads.values() for place, message in enumerate(each)])


def by_references(messages: Messages) -> ThreadMembers:
    """REFERENCES, in the six steps of the RFC (RFC 5256 §3)."""
    forest = Forest(len(messages))
    link(forest, messages)  # (1)
    roots, children = prune(forest, len(messages))  # (2), (3)
    order = _dates(messages, children)
    for root in roots:  # (4)
        if root >= len(messages):
            children[root].sort(key=order)
    roots.sort(key=order)
    gathered = gather(messages, roots, children)  # (5)
    return _members(messages, sorted(gathered, key=order), children)  # (6)


def by_references_only(messages: Messages) -> ThreadMembers:
    """REFS: as REFERENCES without steps (4) and (5), and the thread that something was last added to comes last."""
    forest = Forest(len(messages))
    link(forest, messages)
    roots, children = prune(forest, len(messages))
    roots.sort(key=_dates(messages, children))

    def newest(root: int) -> int:
        latest, waiting = 0, [root]
        while waiting:
            node = waiting.pop()
            latest = max(latest, messages[node].received if node < len(messages) else 0)
            waiting += children.get(node, ())
        return latest

    return _members(messages, sorted(roots, key=newest), children)


def _sent(message: ThreadKeys) -> int:
    return message.sent


ALGORITHMS: Final[Mapping[ThreadAlgorithm, Callable[[Messages], ThreadMembers]]] = {
    ThreadAlgorithm.ORDEREDSUBJECT: by_subject,
    ThreadAlgorithm.REFERENCES: by_references,
    ThreadAlgorithm.REFS: by_references_only,
}
"""``thread-alg`` to what threads by it (RFC 5256 §3)."""


@define
class Forest:
    """Nodes and their parents, without loops (RFC 5256 §3 REFERENCES, step 1).

    ``steps`` is what may still be spent on looking for loops: mail can be made so that every link asks for a walk through
    a long thread. Once it is used up, a link that might close a loop counts as if it did.
    """

    messages: int
    parents: list[int] = field(init=False)
    has_children: bytearray = field(init=False)
    steps: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.parents = [NOBODY] * self.messages
        self.has_children = bytearray(self.messages)
        self.steps = thread_steps_max + 100 * self.messages

    def dummy(self) -> int:
        """A new node for a message that is not here."""
        self.parents.append(NOBODY)
        self.has_children.append(0)
        return len(self.parents) - 1

    def link(self, parent: int, child: int) -> None:
        """Make ``parent`` the parent of ``child``, which has none, unless that would close a loop."""
        if parent != child and not (self.has_children[child] and self._descends(parent, child)):
            self.parents[child] = parent
            self.has_children[parent] = 1

    def _descends(self, node: int, ancestor: int) -> bool:
        while node not in (NOBODY, ancestor):
            node = self.parents[node]
            self.steps -= 1
            if self.steps < 0:
                return True
        return node == ancestor


def link(forest: Forest, messages: Messages) -> None:
    """Step (1): parents by references. Of several messages with one id the first has it (RFC 5256 §3 REFERENCES)."""
    nodes: dict[str, int] = {}
    for node, message in enumerate(messages):
        if message.message_id:
            nodes.setdefault(message.message_id, node)
    for node, message in enumerate(messages):
        parent = NOBODY
        for reference in message.references:  # (A)
            referred = nodes.get(reference)
            if referred is None:
                referred = nodes[reference] = forest.dummy()
            if parent != NOBODY and forest.parents[referred] == NOBODY:
                forest.link(parent, referred)
            parent = referred
        forest.parents[node] = NOBODY  # (B)
        if parent != NOBODY:
            forest.link(parent, node)


def prune(forest: Forest, messages: int) -> tuple[list[int], dict[int, list[int]]]:
    """Steps (2) and (3): the children of the root, and who else has which children; a dummy is left only at the top of several.

    The dummies between a message and the next message above it go, and so do those above all messages but the topmost.
    """
    children: dict[int, list[int]] = {}
    roots: list[int] = []
    above = forest.parents
    for node in range(messages):
        parent = _kept_parent(above, node, messages)
        if parent == NOBODY:
            roots.append(node)
        else:
            children.setdefault(parent, []).append(node)
    for dummy in [node for node in children if node >= messages]:
        if len(children[dummy]) == 1:
            roots += children.pop(dummy)
        else:
            roots.append(dummy)
    return roots, children


def _kept_parent(above: list[int], node: int, messages: int) -> int:
    """The nearest message above ``node``, else the topmost dummy, else nobody. The way gets shorter for those who follow."""
    way = []
    parent = above[node]
    while parent >= messages and above[parent] != NOBODY:
        way.append(parent)
        parent = above[parent]
    for dummy in way:
        above[dummy] = parent
    return parent


Order = Callable[[int], tuple[int, int]]


def _dates(messages: Messages, children: Mapping[int, Iterable[int]]) -> Order:
    """How siblings are sorted: by sent date, then by place in the mailbox; a dummy as its first child is (RFC 5256 §2.2)."""

    def order(node: int) -> tuple[int, int]:
        if node >= len(messages):
            return min(map(order, children[node]))
        return messages[node].sent, node

    return order


def gather(messages: Messages, roots: list[int], children: dict[int, list[int]]) -> list[int]:
    """Step (5): join threads of one subject. A dummy made here has the next number that is free."""
    count = len(messages)
    table: dict[str, int] = {}

    def subject(node: int) -> str:
        return messages[node if node < count else children[node][0]].subject

    def is_reply(node: int) -> bool:
        return messages[node].is_reply

    for node in roots:  # (B)
        known = table.setdefault(subject(node), node)
        if known < count and (node >= count or (is_reply(known) and not is_reply(node))):
            table[subject(node)] = node
    kept: dict[int, None] = {}
    free = max([count - 1, *children]) + 1
    for node in roots:  # (C)
        text = subject(node)
        known = table[text]
        if not text or known == node:
            kept[node] = None
        elif known >= count:
            children[known] += children.pop(node) if node >= count else [node]
        elif is_reply(node) and not is_reply(known):
            children.setdefault(known, []).append(node)
        else:
            children[free] = [known, node]
            kept.pop(known, None)
            kept[free] = None
            table[text] = free
            free += 1
    return list(kept)


def _members(messages: Messages, roots: Sequence[int], children: Mapping[int, Iterable[int]]) -> ThreadMembers:
    """Step (6): siblings below the roots by sent date, and all in the order in which a response has them."""
    order = _dates(messages, children)
    members: list[tuple[int, int | None]] = []
    waiting = [(0, node) for node in reversed(roots)]
    while waiting:
        depth, node = waiting.pop()
        members.append((depth, messages[node].uid if node < len(messages) else None))
        waiting += [(depth + 1, child) for child in sorted(children.get(node, ()), key=order, reverse=True)]
    return tuple(members)
