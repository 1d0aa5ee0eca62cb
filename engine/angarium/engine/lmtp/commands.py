"""LMTP commands carried out (RFC 2033 §4, RFC 5321 §4.1.1): one function each, in the order of a transaction.

A function yields steps, answers with ``session.say`` and returns an ``Outcome``; whether the command is in place has been
checked against the table before.
"""

from collections.abc import Generator

from angarium.engine.lmtp.content import Content
from angarium.engine.lmtp.delivery import deliver
from angarium.engine.lmtp.errors import refusal
from angarium.engine.lmtp.session import Accepted, Departure, Outcome, Session, Transaction
from angarium.engine.operations import Recipient, ResolveRecipient
from angarium.engine.steps import Event, Execute, Failed, Result, Step
from angarium.grammar.lmtp import commands
from angarium.grammar.lmtp.commands import BodyValue
from angarium.grammar.lmtp.framing import Unstuffer
from angarium.grammar.lmtp.replies import reply

Carried = Generator[Step, Event, Outcome]


def lhlo(session: Session, command: commands.Lhlo) -> Carried:
    """Greet, and say what is offered (RFC 2033 §4.1, RFC 5321 §4.1.1.1); a transaction under way is forgotten."""
    yield from session.forget()
    session.client = command.domain
    offered = ("PIPELINING", f"SIZE {session.limits.message_octets_max}", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8")
    session.say(reply(250, "", session.hostname, *offered, "ENHANCEDSTATUSCODES"))
    return Outcome.OK


def greet(session: Session, command: commands.Greet) -> Carried:
    """Refuse HELO and EHLO (RFC 2033 §4.1)."""
    session.say(reply(500, "5.5.1", "This is LMTP: use LHLO"))
    return Outcome.NO
    yield  # a generator like the others, though nothing is asked of the store


def mail(session: Session, command: commands.Mail) -> Carried:
    """Begin a transaction (RFC 5321 §4.1.1.2, RFC 1870 §6.1, RFC 6531 §3.4)."""
    path = command.reverse_path
    if command.unknown:
        session.say(reply(555, "5.5.4", f"Parameter {command.unknown[0]} not supported"))
    elif command.repeated:
        session.say(reply(501, "5.5.4", "Parameter given twice"))
    elif command.size is not None and command.size > session.limits.message_octets_max:
        session.say(reply(552, "5.3.4", "Message size exceeds fixed maximum message size"))
    elif path is not None and not path.ascii and not command.smtputf8:
        session.say(reply(550, "5.6.7", "Sender address needs SMTPUTF8"))
    else:
        session.transaction = Transaction(command)
        session.say(reply(250, "2.1.0", "Sender ok"))
        return Outcome.OK
    return Outcome.NO
    yield


def rcpt(session: Session, command: commands.Rcpt) -> Carried:
    """Add a recipient that the store knows (RFC 5321 §4.1.1.3, §4.5.3.1.8)."""
    transaction = session.transaction
    assert transaction is not None, "RCPT is valid within a transaction only"
    if command.unknown:
        session.say(reply(555, "5.5.4", f"Parameter {command.unknown[0]} not supported"))
    elif not command.forward_path.ascii and not transaction.mail.smtputf8:
        session.say(reply(553, "5.6.7", "Recipient address needs SMTPUTF8"))
    elif len(transaction.recipients) >= session.limits.recipients_max:
        session.say(reply(452, "4.5.3", "Too many recipients"))
    else:
        answer = yield Execute(ResolveRecipient(command.forward_path.address))
        if isinstance(answer, Result) and isinstance(answer.value, Recipient):
            transaction.recipients.append(Accepted(command.forward_path, answer.value))
            session.say(reply(250, "2.1.5", f"{command.forward_path.spelled} ok"))
            return Outcome.OK
        assert isinstance(answer, Failed), answer
        session.say(refusal(answer.error))
    return Outcome.NO


def data(session: Session, command: commands.Data) -> Carried:
    """Receive a message with dots stuffed, up to CRLF "." CRLF, and deliver it (RFC 2033 §4.2, RFC 5321 §4.1.1.4)."""
    transaction = session.transaction
    assert transaction is not None, "DATA is valid with recipients only"
    if transaction.mail.body is BodyValue.BINARY_MIME:
        session.say(reply(503, "5.5.1", "BINARYMIME needs BDAT"))  # RFC 3030 §3
        return Outcome.NO
    content = transaction.content = Content(len(transaction.recipients), session.limits)
    session.say(reply(354, "", "Start mail input; end with <CRLF>.<CRLF>"))
    yield from session.flush()  # RFC 2920 §3.2: not held back, whatever is at hand already
    unstuffer = Unstuffer()
    rest: bytes | None = None
    arrived = session.buffer.take(len(session.buffer))
    while rest is None:
        octets, rest = unstuffer.feed(arrived or (yield from session.read()))
        arrived = b""
        yield from content.add(octets)
    session.buffer.give_back(rest)
    yield from deliver(session, transaction, content)
    session.transaction = None
    return Outcome.OVER


def bdat(session: Session, command: commands.Bdat) -> Carried:
    """Receive a chunk of counted octets; with LAST deliver the message (RFC 2033 §4.3, RFC 3030 §2)."""
    transaction = session.transaction
    assert transaction is not None, "BDAT is valid within a transaction only"
    if transaction.content is None:
        transaction.content = Content(len(transaction.recipients), session.limits, counted=True)
    content = transaction.content
    yield from receive_chunk(session, command.chunk_size, content)
    if command.last:
        yield from deliver(session, transaction, content)  # without recipients: no reply at all (RFC 2033 §4.3)
        session.transaction = None
        return Outcome.OVER
    if content.failure is not None:
        session.say(refusal(content.failure))
    elif not transaction.recipients:
        session.say(reply(503, "5.5.1", "No valid recipients"))
    else:
        session.say(reply(250, "2.0.0", f"{command.chunk_size} octets received"))
    return Outcome.OK if transaction.recipients else Outcome.NO


def receive_chunk(session: Session, octets: int, content: Content | None) -> Generator[Step, Event, None]:
    """Take ``octets`` octets off the connection, into ``content`` or, where BDAT is out of place, nowhere."""
    while octets:
        if not len(session.buffer):
            session.buffer.feed((yield from session.read()))
        taken = session.buffer.take(octets)
        octets -= len(taken)
        if content is not None:
            yield from content.add(taken)


def rset(session: Session, command: commands.Rset) -> Carried:
    """Abort the transaction (RFC 5321 §4.1.1.5)."""
    yield from session.forget()
    session.say(reply(250, "2.0.0", "Reset"))
    return Outcome.OVER


def vrfy(session: Session, command: commands.Vrfy) -> Carried:
    """Neither confirm nor deny (RFC 5321 §3.5.3)."""
    session.say(reply(252, "2.1.5", "Send some mail, I will try my best"))
    return Outcome.OK
    yield


def expn(session: Session, command: commands.Expn) -> Carried:
    """There are no lists here (RFC 5321 §4.2.4)."""
    session.say(reply(502, "5.5.1", "EXPN not implemented"))
    return Outcome.NO
    yield


def show_help(session: Session, command: commands.Help) -> Carried:
    """Name the commands (RFC 5321 §4.1.1.8)."""
    session.say(reply(214, "2.0.0", "LHLO MAIL RCPT DATA BDAT RSET VRFY NOOP QUIT", "See RFC 2033 and RFC 5321"))
    return Outcome.OK
    yield


def noop(session: Session, command: commands.Noop) -> Carried:
    """Do nothing (RFC 5321 §4.1.1.9)."""
    session.say(reply(250, "2.0.0", "Ok"))
    return Outcome.OK
    yield


def leave(session: Session, command: commands.Quit) -> Carried:
    """Close (RFC 5321 §4.1.1.10)."""
    raise Departure(reply(221, "2.0.0", f"{session.hostname} closing connection"))
    yield
