"""What a check says."""

from attrs import frozen

from angarium.engine.operations import UserName


@frozen
class Finding:
    """One thing that is wrong; ``repaired`` says what was done about it, None when nothing was or could be."""

    user: UserName
    mailbox: str | None
    uid: int | None
    problem: str
    repaired: str | None = None
