r"""What access control lists mean: rights, identifiers and flags (RFC 4314 §2, §4). Pure arithmetic, the same for every store.

Rights are text, each letter once, in the order of ``RIGHTS``. An entry of a list names an identifier: a user, ``anyone``, or
``group:`` and the name of a group; with a dash before it, what it lists is taken away again (§2). A user has what all
identifiers that apply grant together, without what any that apply take away. The owner of a mailbox has every right, whatever
the list says, so that nobody can lock themselves out.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from angarium.engine.operations import UserName
from angarium.engine.sasl.saslprep import saslprep

RIGHTS: Final = "lrswipkxtea"
"""The standard rights (RFC 4314 §2.1), in the order they are shown."""

VIRTUAL: Final = {"c": "kx", "d": "te"}
"""What the obsolete rights stand for (RFC 4314 §2.1.1)."""

ANY_OF: Final = "lrikxa"
"""One of these lets a user ask for the rights there are (RFC 4314 §4 MYRIGHTS)."""

ANYONE: Final = "anyone"
GROUP: Final = "group:"
IDENTIFIER_OCTETS_MAX: Final = 512


def identifier(octets: bytes) -> str:
    """An identifier as it is kept (RFC 4314 §3). Raises ValueError for what is none: not UTF-8, prohibited, empty, too long.

    User names are compared without regard to case, so identifiers are.
    """
    prepared = saslprep(octets.decode("utf-8")).lower()
    if not prepared.removeprefix("-") or len(prepared.encode()) > IDENTIFIER_OCTETS_MAX:
        raise ValueError("no identifier")
    return prepared


def means_others(user: str) -> bool:
    """Whether an identifier spelled like this user means somebody else, so that nobody may be called so (RFC 4314 §2)."""
    return user == ANYONE or user.startswith(("-", GROUP))


def rights(text: bytes) -> str:
    """Rights that a client lists, virtual ones written out (RFC 4314 §2.1.1). Raises ValueError for an unknown one (§3.1)."""
    letters = "".join(VIRTUAL.get(letter, letter) for letter in text.decode("ascii"))
    if unknown := set(letters).difference(RIGHTS):
        raise ValueError(f"the right {min(unknown)} is not supported")
    return ordered(letters)


def ordered(letters: Iterable[str]) -> str:
    """Rights in their order, each once."""
    wanted = set(letters)
    return "".join(right for right in RIGHTS if right in wanted)


def shown(granted: str) -> bytes:
    """Rights as clients are told, with the virtual ones for those who know no others (RFC 4314 §2.1.1)."""
    virtual = "".join(name for name, members in VIRTUAL.items() if set(members).intersection(granted))
    return (granted + virtual).encode("ascii")


def applying(user: UserName, groups: Iterable[str]) -> tuple[str, ...]:
    """The identifiers that stand for a user (RFC 4314 §2)."""
    return (user, ANYONE, *map(_group, groups))


def _group(name: str) -> str:
    """The identifier of a group, spelled as ``identifier`` keeps it; what cannot be one no list has, so it stands for nothing."""
    try:
        return identifier(f"{GROUP}{name}".encode())
    except ValueError:
        return f"{GROUP}{name}"


def granted(entries: Mapping[str, str], owner: UserName, user: UserName, groups: Iterable[str]) -> str:
    """The rights of a user, by the list of a mailbox (RFC 4314 §2)."""
    if user == owner:
        return RIGHTS
    names = applying(user, groups)
    given = {right for name in names for right in entries.get(name, "")}
    taken = {right for name in names for right in entries.get(f"-{name}", "")}
    return ordered(given - taken)


def right_to_set(flag: bytes) -> str:
    r"""The right that a flag asks for: ``t`` for \Deleted, ``s`` for \Seen, ``w`` for every other (RFC 4314 §4)."""
    return {rb"\deleted": "t", rb"\seen": "s"}.get(flag.lower(), "w")


def settable(flags: Iterable[bytes], may: str) -> tuple[bytes, ...]:
    """Those of the flags that somebody with the rights ``may`` can set (RFC 4314 §4)."""
    return tuple(flag for flag in flags if right_to_set(flag) in may)


def spared(flags: Iterable[bytes], may: str) -> tuple[bytes, ...]:
    """Those that somebody with the rights ``may`` cannot change (RFC 4314 §4)."""
    return tuple(flag for flag in flags if right_to_set(flag) not in may)
