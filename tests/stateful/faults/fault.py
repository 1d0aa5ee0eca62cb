"""A fault: what it does, and which requirements of the catalogue are broken then."""

from attrs import frozen

from stateful.faults.changes import Change


@frozen
class Fault:
    """A row of the table.

    ``breaks``: requirements (``angarium spec list``); ``attempts`` multiplies the examples tried; ``survives``: why the
    relation does not catch it.
    """

    what: str
    breaks: tuple[str, ...]
    change: Change
    attempts: int = 1
    survives: str = ""


def fault(what: str, breaks: str, change: Change, attempts: int = 1, survives: str = "") -> Fault:
    """A row; ids with spaces between them."""
    return Fault(what, tuple(breaks.split()), change, attempts, survives)
