"""What a server has shown of its own choices: UIDVALIDITY, UIDs, mod-sequences, who was told first (RFC 9051 §2.3.1.1)."""

from attrs import define, evolve, field

from angarium.engine.operations import MailboxId
from angarium.grammar.imap.responses import InternalDate, SaveDate
from angarium.spec.model.state import Message, World
from angarium.spec.protocol.answer import require
from angarium.spec.protocol.choices import Choices
from angarium.spec.protocol.numbering import Numbering
from angarium.spec.protocol.objects import ObjectIds


@define
class Uidvalidities:
    """The value seen of each mailbox, by its id: any number will do, but never another for the same mailbox."""

    seen: dict[object, object] = field(factory=dict)
    of_name: dict[str, dict[object, object]] = field(factory=dict)

    def copy(self) -> "Uidvalidities":
        """The same again, to be changed by itself."""
        return Uidvalidities(dict(self.seen), {name: dict(values) for name, values in self.of_name.items()})

    def observe(self, mailbox: object, uidvalidity: object) -> None:
        """Take note of a value; it must be the one this mailbox has always had."""
        known = self.seen.setdefault(mailbox, uidvalidity)
        require(known == uidvalidity, "RFC 9051 §2.3.1.1: UIDVALIDITY stays while the UIDs do", mailbox, uidvalidity, known)

    def observe_named(self, name: str, mailbox: object, uidvalidity: object) -> None:
        """Take note of a value shown under a name; another mailbox of that name must not have had it."""
        self.observe(mailbox, uidvalidity)
        owner = self.of_name.setdefault(name, {}).setdefault(uidvalidity, mailbox)
        require(owner == mailbox, "RFC 9051 §2.3.1.1: a mailbox made anew has another UIDVALIDITY", name, uidvalidity)


@define
class Revealed:
    r"""Everything of the kind. ``exact``: UIDs and mod-sequences are the model's own, and what the server should do it does.

    ``notified``: when a session that takes ``\Recent`` away was first told of a message, and which (RFC 3501 §2.3.2),
    ``recent`` which of them has it as ``\Recent``; ``now`` is the event that is being judged, ``begun`` the one when its command
    was sent. ``superiors_made``: whether names above a new mailbox become mailboxes, None before any came (RFC 9051 §6.3.4),
    ``left_over``: names that were above a mailbox and are none, which may stay when that is gone (§6.3.5).
    ``ghosts``: messages that are gone, as they were last, which a server other than ours may still show (RFC 2180 §4.1).
    ``one_by_one``: no command begins before the last is answered, so whoever was told first is known.
    """

    exact: bool = True
    uidvalidities: Uidvalidities = field(factory=Uidvalidities)
    numberings: dict[MailboxId, Numbering] = field(factory=dict)
    objects: ObjectIds = field(factory=ObjectIds)
    saved: dict[tuple[MailboxId, int], SaveDate] = field(factory=dict)
    received: dict[tuple[MailboxId, int], InternalDate] = field(factory=dict)
    notified: dict[tuple[MailboxId, int], tuple[int, int]] = field(factory=dict)
    recent: dict[tuple[MailboxId, int], int] = field(factory=dict)
    superiors_made: bool | None = None
    left_over: set[str] = field(factory=set)
    ghosts: dict[tuple[MailboxId, int], Message] = field(factory=dict, repr=lambda ghosts: str(hash(tuple(ghosts.items()))))
    one_by_one: bool = False
    now: int = 0
    begun: int = 0

    def copy(self) -> "Revealed":
        """The same again, to be changed by itself."""
        numberings = {id: numbering.copy() for id, numbering in self.numberings.items()}
        return evolve(
            self,
            uidvalidities=self.uidvalidities.copy(),
            numberings=numberings,
            objects=self.objects.copy(),
            saved=dict(self.saved),
            received=dict(self.received),
            notified=dict(self.notified),
            recent=dict(self.recent),
            left_over=set(self.left_over),
            ghosts=dict(self.ghosts),
        )

    def makes_superiors(self, choices: Choices) -> bool:
        """Whether names above a new mailbox become mailboxes, as all of them do or none."""
        if self.superiors_made is None:
            self.superiors_made = choices.pick((True, False))
        return self.superiors_made

    def observe_save_date(self, mailbox: MailboxId, uid: int, told: SaveDate) -> None:
        """Take note of a SAVEDATE, which stays as long as the message does; a mailbox has them or not (RFC 8514 §3, §4.2)."""
        known = self.saved.setdefault((mailbox, uid), told)
        require(known == told, "RFC 8514 §3: SAVEDATE never changes", uid, told, known)
        kinds = {each.date_time is None for (place, _), each in self.saved.items() if place == mailbox}
        require(len(kinds) == 1, "RFC 8514 §4.2: SAVEDATE is NIL of every message or of none", mailbox, uid, told)

    def observe_uidvalidity(self, name: str, mailbox: MailboxId, uidvalidity: object) -> None:
        """Take note of a value shown under a name; one of a mailbox gone may come again if the UIDs go on (RFC 9051 §6.3.4)."""
        owners = self.uidvalidities.of_name.setdefault(name, {})
        former = owners.get(uidvalidity)
        if isinstance(former, MailboxId) and former != mailbox and not self.exact:
            goes_on = self.numbering(mailbox).goes_on_from(self.numbering(former))
            owners[uidvalidity] = mailbox if goes_on else former
        self.uidvalidities.observe_named(name, mailbox, uidvalidity)

    def bury(self, before: World, after: World) -> None:
        """Keep the messages that are gone from their mailboxes (RFC 2180 §4.1)."""
        for user, account in before.accounts.items():
            there = after.account(user).mailboxes
            for number, mailbox in account.mailboxes.items():
                left = there[number].messages if number in there else {}
                gone = mailbox.messages.keys() - left.keys()
                self.ghosts.update({(mailbox.id, uid): mailbox.messages[uid] for uid in gone})

    def numbering(self, mailbox: MailboxId) -> Numbering:
        """The numbers of a mailbox."""
        return self.numberings.setdefault(mailbox, Numbering(self.exact))
