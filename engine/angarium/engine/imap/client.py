"""The client's side of an IMAP connection, without sockets: commands in, octets out; octets in, response values out.

The caller moves octets both ways and asks nothing else of the world::

    client = ImapClient()
    client.receive(octets from the server)        # the greeting first
    tag = client.send(Select("INBOX"))
    write(client.outgoing())
    while client.pending(tag):
        responses = client.receive(read())
        write(client.outgoing())                  # a literal or SASL answer that waited for "+"

One ``receive`` may release more octets to write: the next piece of a command whose literal waited for the server's
continuation request (RFC 9051 §4.3), or the answer to a SASL challenge. State follows from what the server says:
capabilities, who is logged in, what is enabled, the selected mailbox (``client_view``). A server that breaks the protocol
or passes ``ClientLimits`` raises ``ServerMisbehaved`` and the connection is of no further use.
"""

from collections import deque
from enum import Enum

from angarium.engine.imap.client_limits import LITERAL_MINUS_OCTETS_MAX, ClientLimits
from angarium.engine.imap.client_sasl import Dialogue, SaslExchange
from angarium.engine.imap.client_view import MailboxView, ServerMisbehaved
from angarium.engine.imap.deflate import Compression, NotDeflate
from angarium.grammar.imap.commands import (
    Append,
    Authenticate,
    Close,
    Command,
    Compress,
    Idle,
    Login,
    Logout,
    Replace,
    Select,
    StartTls,
    TaggedCommand,
    Unauthenticate,
    Unselect,
)
from angarium.grammar.imap.framing import Frame, FrameEvent, Framer, LiteralWanted
from angarium.grammar.imap.parse_response import ResponseSyntaxError, parse_response
from angarium.grammar.imap.render_command import render_command
from angarium.grammar.imap.responses import (
    CapabilityData,
    Code,
    Condition,
    Continuation,
    Enabled,
    Response,
    ResponseCode,
    Tagged,
    Untagged,
)


class ConnectionState(Enum):
    """The states of RFC 9051 §3, and the time before the greeting."""

    GREETING = "server greeting"
    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


class ImapClient:
    """One connection, seen from the client."""

    def __init__(self, limits: ClientLimits | None = None) -> None:
        self.limits = limits or ClientLimits()
        self.state = ConnectionState.GREETING
        self.greeting: Untagged | None = None
        self.capabilities: frozenset[bytes] | None = None
        self.enabled: frozenset[bytes] = frozenset()
        self.view: MailboxView | None = None
        self.idling = False
        self._framer = Framer(
            line_octets_max=self.limits.line_octets_max,
            literal_octets_max=self.limits.literal_octets_max,
            literal_count_max=self.limits.literal_count_max,
            stream_threshold=self.limits.literal_octets_max,
            responses=True,
        )
        self._compression: Compression | None = None
        self._literal_octets = 0
        self._tags = 0
        self._commands: dict[bytes, Command] = {}
        self._output: list[bytes] = []
        self._waiting: deque[bytes] = deque()
        self._waiting_tag: bytes | None = None
        self._dialogue: Dialogue | None = None

    # Sending

    def send(self, command: Command) -> bytes:
        """Queue a command and return its tag (RFC 9051 §2.2.1).

        Commands may be pipelined, but not behind one that waits for a continuation request: that is a ``RuntimeError``.
        """
        if self._waiting_tag is not None:
            raise RuntimeError("a command is waiting for the server's continuation request")
        self._tags += 1
        tag = b"A%d" % self._tags
        pieces = render_command(TaggedCommand(tag, command), literal_plus=self._literal_plus(command), utf8=self.utf8)
        self._output.append(pieces[0])
        self._commands[tag] = command
        self._waiting.extend(pieces[1:])
        if self._waiting or isinstance(command, Idle | Authenticate):
            self._waiting_tag = tag
        if isinstance(command, Select):
            self.view = MailboxView(command.mailbox, command.read_only)
        if isinstance(command, Unauthenticate) and self._compression is not None:
            self._output = [self._compression.last_sent(b"".join(self._output))]  # what follows goes in the clear
        return tag

    def authenticate(self, mechanism: bytes, exchange: SaslExchange) -> bytes:
        """Queue AUTHENTICATE, with the initial response where the server takes one (RFC 9051 §6.2.2, RFC 4959)."""
        initial = next(exchange)
        early = self.supports(b"SASL-IR") or self.supports(b"IMAP4REV2")
        tag = self.send(Authenticate(mechanism, initial if early else None))
        self._dialogue = Dialogue(exchange, None if early else initial)
        return tag

    def done(self) -> None:
        """End IDLE (RFC 9051 §6.3.13)."""
        if not self.idling:
            raise RuntimeError("not idling")
        self.idling = False
        self._waiting_tag = None
        self._output.append(b"DONE\r\n")

    def outgoing(self) -> bytes:
        """Octets to write now; each is returned once."""
        octets = b"".join(self._output)
        self._output.clear()
        return self._compression.sent(octets) if octets and self._compression is not None else octets

    # Facts

    @property
    def utf8(self) -> bool:
        """Whether mailbox names travel as UTF-8 (RFC 9051 §5.1, RFC 6855 §3)."""
        return not self.enabled.isdisjoint((b"IMAP4REV2", b"UTF8=ACCEPT"))

    def supports(self, capability: bytes) -> bool:
        """Whether the server has advertised a capability, in any case of letters."""
        return self.capabilities is not None and capability.upper() in self.capabilities

    def pending(self, tag: bytes) -> bool:
        """Whether the command with this tag still waits for its tagged response."""
        return tag in self._commands

    def _literal_plus(self, command: Command) -> bool:
        if self.supports(b"LITERAL+"):
            return True
        if not (self.supports(b"LITERAL-") or self.supports(b"IMAP4REV2")):
            return False
        match command:
            case Append() | Replace():
                messages = command.messages if isinstance(command, Append) else (command.message,)
                contents = [each.message for each in messages]
                return all(isinstance(each, bytes) and len(each) <= LITERAL_MINUS_OCTETS_MAX for each in contents)
        return True

    # Receiving

    def receive(self, octets: bytes) -> list[Response]:
        """Take octets from the server and return the responses that are complete now, in order."""
        self._take(octets)
        responses = []
        while (event := self._framer.next()) is not None or self._inflate():
            if isinstance(event, Frame):
                self._literal_octets = 0
                response = self._parse(event)
                self._apply(response)
                responses.append(response)
            elif event is not None:
                self._admit(event)
        return responses

    def _take(self, octets: bytes) -> None:
        if self._compression is None:
            self._framer.feed(octets)
        else:
            self._compression.came(octets)

    def _inflate(self) -> bool:
        """Give the framer the next piece of what has come compressed; whether there was one (RFC 4978 §3)."""
        if self._compression is None:
            return False
        try:
            octets = self._compression.next_piece()
        except NotDeflate:
            raise ServerMisbehaved("octets that are not DEFLATE after COMPRESS") from None
        if self._compression.over:
            self._compression = None
        self._framer.feed(octets)
        return bool(octets)

    def _admit(self, event: FrameEvent) -> None:
        """Accept an announced literal, or give up on a server that sends without bound."""
        if not isinstance(event, LiteralWanted):  # nothing is streamed, so it is a LineTooLong
            raise ServerMisbehaved(f"a line of more than {self.limits.line_octets_max} octets")
        self._literal_octets += event.size
        if not event.within_limits or self._literal_octets > self.limits.response_octets_max:
            raise ServerMisbehaved(f"a literal of {event.size} octets is more than this client takes")
        self._framer.accept_literal(stream=False)

    def _parse(self, frame: Frame) -> Response:
        try:
            return parse_response(frame, utf8=self.utf8)
        except ResponseSyntaxError as error:
            raise ServerMisbehaved(f"not an IMAP response: {error}: {frame.octets[:200]!r}") from error

    def _apply(self, response: Response) -> None:
        if self.state is ConnectionState.GREETING:
            self._greet(response)
            return
        match response:
            case Tagged():
                self._complete(response)
            case Continuation():
                self._continue(response)
            case CapabilityData(capabilities):
                self._learn_capabilities(capabilities)
            case Enabled(capabilities):
                self.enabled |= {name.upper() for name in capabilities}
            case Untagged(Condition.BYE):
                self.state = ConnectionState.LOGOUT
            case Untagged(code=ResponseCode(Code.CAPABILITY, capabilities)):
                self._learn_capabilities(capabilities)
            case Untagged(code=ResponseCode(Code.CLOSED)) if self.view is not None:
                self.view = MailboxView(self.view.mailbox, self.view.read_only)
            case _ if self.view is not None:
                self.view.apply(response)

    def _greet(self, response: Response) -> None:
        """Take the greeting (RFC 9051 §7.1.4, §7.1.5)."""
        match response:
            case Untagged(Condition.OK):
                self.state = ConnectionState.NOT_AUTHENTICATED
            case Untagged(Condition.PREAUTH):
                self.state = ConnectionState.AUTHENTICATED
            case Untagged(Condition.BYE):
                self.state = ConnectionState.LOGOUT
            case _:
                raise ServerMisbehaved(f"not a greeting: {response}")
        self.greeting = response
        if response.code is not None and response.code.code is Code.CAPABILITY:
            self._learn_capabilities(response.code.arguments)

    def _learn_capabilities(self, names: tuple[object, ...]) -> None:
        self.capabilities = frozenset(name.upper() for name in names if isinstance(name, bytes))

    def _continue(self, response: Continuation) -> None:
        """Release what a continuation request was waited for (RFC 9051 §7.6)."""
        if self._waiting:
            self._output.append(self._waiting.popleft())
            if not self._waiting:
                self._waiting_tag = None
        elif self._waiting_tag is None:
            raise ServerMisbehaved("a continuation request that no command waits for")
        elif self._dialogue is not None:
            self._output.append(self._dialogue.answer(response.challenge or b"") + b"\r\n")
        else:
            self.idling = isinstance(self._commands[self._waiting_tag], Idle)

    def _complete(self, response: Tagged) -> None:
        """Take a tagged response and the change of state it means (RFC 9051 §3.5, §7.1)."""
        command = self._commands.pop(response.tag, None)
        if command is None:
            raise ServerMisbehaved(f"a tagged response to no command: {response.tag!r}")
        if self._waiting_tag == response.tag:
            self._waiting.clear()
            self._waiting_tag = None
            self.idling = False
        if self._dialogue is not None and isinstance(command, Authenticate):
            dialogue, self._dialogue = self._dialogue, None
            dialogue.conclude(response.condition is Condition.OK)
        if response.condition is Condition.OK:
            self._succeed(command, response)
        elif isinstance(command, Select):
            self.view = None
            self.state = ConnectionState.AUTHENTICATED
        if response.code is not None and response.code.code is Code.CAPABILITY:
            self._learn_capabilities(response.code.arguments)

    def _succeed(self, command: Command, response: Tagged) -> None:
        match command:
            case Login() | Authenticate():
                self.state = ConnectionState.AUTHENTICATED
                self.capabilities = None
            case StartTls():
                self._forget_plaintext()
            case Compress():
                self._compression = Compression(self.limits.line_octets_max)
                self._take(self._framer.take_rest())
            case Select():
                self.state = ConnectionState.SELECTED
                if self.view is not None and response.code is not None:
                    self.view.apply_code(response.code)
            case Close() | Unselect():
                self.view = None
                self.state = ConnectionState.AUTHENTICATED
            case Unauthenticate():
                self._forget_user()
            case Logout():
                self.state = ConnectionState.LOGOUT

    def _forget_plaintext(self) -> None:
        """Keep nothing said without protection; octets sent ahead of TLS are an attack (RFC 9051 §6.2.1)."""
        self.capabilities = None
        if self._framer.pending:
            raise ServerMisbehaved("octets after the STARTTLS answer that are not protected")

    def _forget_user(self) -> None:
        """Keep nothing that came with the user (RFC 8437 §3, §4.1)."""
        self.state, self.view = ConnectionState.NOT_AUTHENTICATED, None
        self.capabilities, self.enabled = None, frozenset()
        if self._compression is not None:
            self._framer.discard()
            self._compression.expect_end()
