"""Identifiers that a server gives to mailboxes, messages and threads: any will do, but they have to stay (RFC 8474 §4, §5)."""

from attrs import define, evolve, field

from angarium.engine.operations import MailboxId
from angarium.grammar.imap.responses import EmailId, ThreadId
from angarium.spec.model.state import Message, Origin
from angarium.spec.protocol.answer import require


@define
class ObjectIds:
    """Those seen so far: of each mailbox, of each message wherever it was copied to, and which octets an EMAILID stands for."""

    mailboxes: dict[MailboxId, object] = field(factory=dict)
    emails: dict[Origin, bytes] = field(factory=dict)
    contents: dict[bytes, bytes] = field(factory=dict)
    threads: dict[Origin, bytes | None] = field(factory=dict)

    def copy(self) -> "ObjectIds":
        """The same again, to be changed by itself."""
        return evolve(
            self,
            mailboxes=dict(self.mailboxes),
            emails=dict(self.emails),
            contents=dict(self.contents),
            threads=dict(self.threads),
        )

    def observe_mailbox(self, mailbox: MailboxId, object_id: object) -> None:
        """Take note of a MAILBOXID (RFC 8474 §4)."""
        known = self.mailboxes.setdefault(mailbox, object_id)
        require(known == object_id, "RFC 8474 §4: MAILBOXID stays, through RENAME too", mailbox, object_id, known)
        others = [each for each, seen in self.mailboxes.items() if seen == object_id and each != mailbox]
        require(not others, "RFC 8474 §4: no two mailboxes have one MAILBOXID", object_id, mailbox, others)

    def observe(self, message: Message, item: EmailId | ThreadId) -> None:
        """Take note of the EMAILID or the THREADID of a message (RFC 8474 §5)."""
        if message.origin is None:
            return
        if isinstance(item, EmailId):
            self._observe_email(message.origin, message.content, item.object_id)
        else:
            self._observe_thread(message.origin, item.object_id)

    def _observe_email(self, origin: Origin, content: bytes, object_id: bytes) -> None:
        known = self.emails.setdefault(origin, object_id)
        require(known == object_id, "RFC 8474 §5.1: EMAILID stays, through COPY and MOVE too", origin, object_id, known)
        octets = self.contents.setdefault(object_id, content)
        require(octets == content, "RFC 8474 §5.1: messages with one EMAILID are the same", object_id, octets, content)
        require(object_id not in self.threads.values(), "RFC 8474 §5.2: no EMAILID is a THREADID", object_id)
        self._require_one_thread(origin)

    def _observe_thread(self, origin: Origin, object_id: bytes | None) -> None:
        known = self.threads.setdefault(origin, object_id)
        require(known == object_id, "RFC 8474 §5.2: THREADID never changes", origin, object_id, known)
        missing = {each is None for each in self.threads.values()}
        require(len(missing) == 1, "RFC 8474 §5.2: THREADID is NIL of every message or of none", self.threads)
        require(object_id not in self.contents, "RFC 8474 §5.2: no EMAILID is a THREADID", object_id)
        self._require_one_thread(origin)

    def _require_one_thread(self, origin: Origin) -> None:
        email = self.emails.get(origin)
        alike = [each for each, seen in self.emails.items() if email is not None and seen == email and each in self.threads]
        require(len({self.threads[each] for each in alike}) <= 1, "RFC 8474 §5.2: one THREADID for one EMAILID", email, alike)
