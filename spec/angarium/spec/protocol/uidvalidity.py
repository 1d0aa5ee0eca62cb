"""UIDVALIDITY values a server has shown: any number will do, but never another for the same mailbox (RFC 9051 §2.3.1.1)."""

from attrs import define, field

from angarium.spec.protocol.answer import require


@define
class Uidvalidities:
    """The value seen of each mailbox, by its id."""

    seen: dict[object, object] = field(factory=dict)
    of_name: dict[str, dict[object, object]] = field(factory=dict)

    def take_over(self, other: "Uidvalidities") -> None:
        """Know what ``other`` has seen."""
        self.seen.update(other.seen)
        self.of_name.update({name: dict(values) for name, values in other.of_name.items()})

    def observe(self, mailbox: object, uidvalidity: object) -> None:
        """Take note of a value; it must be the one this mailbox has always had."""
        known = self.seen.setdefault(mailbox, uidvalidity)
        require(known == uidvalidity, "RFC 9051 §2.3.1.1: UIDVALIDITY stays while the UIDs do", mailbox, uidvalidity, known)

    def observe_named(self, name: str, mailbox: object, uidvalidity: object) -> None:
        """Take note of a value shown under a name; another mailbox of that name must not have had it."""
        self.observe(mailbox, uidvalidity)
        owner = self.of_name.setdefault(name, {}).setdefault(uidvalidity, mailbox)
        require(owner == mailbox, "RFC 9051 §2.3.1.1: a mailbox made anew has another UIDVALIDITY", name, uidvalidity)
