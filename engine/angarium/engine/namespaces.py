"""Whose mailbox a name means: personal, other users' and shared names (RFC 2342 §3, RFC 9051 §6.3.10). Pure.

Own names have no prefix. ``Other Users/bob/Work`` is the mailbox Work of bob, ``Shared/Lists`` the mailbox Lists of one owner
whom the administrator has named. A user's own names never reach into these: whatever begins with a prefix is foreign.
"""

from typing import Final

from attrs import frozen

from angarium.engine.operations import SEPARATOR, UserName

OTHER_USERS: Final = "Other Users"
SHARED: Final = "Shared"


@frozen
class Place:
    """A mailbox by its owner and the name it has there; ``prefix`` stands before that name for those who are not the owner."""

    owner: UserName
    name: str
    prefix: str = ""

    @property
    def is_foreign(self) -> bool:
        """Whether the mailbox is reached through a namespace other than the personal one."""
        return bool(self.prefix)

    def full(self, name: str) -> str:
        """The name that the session knows a mailbox of this owner by."""
        return self.prefix + name


@frozen
class Namespaces:
    """What there is beside the personal namespace: other users' mailboxes, and those of ``shared_owner``."""

    shared_owner: UserName = UserName("shared")


def place_of(name: str, user: UserName, namespaces: Namespaces | None) -> Place:
    """Where a name leads (RFC 2342 §3); without namespaces every name is a personal one."""
    if namespaces is not None and name.startswith((OTHER_USERS, SHARED)):
        first, _, rest = name.partition(SEPARATOR)
        if first == SHARED:
            return Place(namespaces.shared_owner, rest, SHARED + SEPARATOR)
        if first == OTHER_USERS:
            owner, _, local = rest.partition(SEPARATOR)
            return Place(UserName(owner), local, f"{OTHER_USERS}{SEPARATOR}{owner}{SEPARATOR}")
    return Place(user, name)


def prefix_of(owner: UserName, namespaces: Namespaces) -> str:
    """What stands before the names of an owner's mailboxes (RFC 2342 §3)."""
    return SHARED + SEPARATOR if owner == namespaces.shared_owner else f"{OTHER_USERS}{SEPARATOR}{owner}{SEPARATOR}"


def may_match(pattern: str) -> bool:
    """Whether a pattern of LIST can match a foreign name: up to its first wildcard it agrees with a prefix."""
    literal = pattern.partition("*")[0].partition("%")[0]
    prefixes = (OTHER_USERS + SEPARATOR, SHARED + SEPARATOR)
    return any(prefix.startswith(literal) or literal.startswith(prefix) for prefix in prefixes)
