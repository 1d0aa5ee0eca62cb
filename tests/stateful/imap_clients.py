"""Clients that type at random, from a seed: each keeps its connection busy, and what it sends and hears is recorded.

A client knows nothing but its own state: what waits for a continuation request, which tags are unanswered, whether it idles.
It may have several commands on their way (RFC 9051 §5.5).
"""

import zlib
from base64 import b64encode
from collections.abc import Callable
from random import Random
from typing import Any

from attrs import define, field

from angarium.grammar.imap import commands as c
from angarium.grammar.imap.render_command import render_command
from angarium.grammar.imap.responses import Code, Condition, Continuation, Enabled, Response, ResponseCode, Tagged, Untagged
from angarium.spec.history import Received, Record
from stateful import imap_scripts as scripts

IN_FLIGHT_MAX = 3


@define
class Client:
    """One client; ``send`` puts octets on the wire."""

    number: int
    random: Random
    record: Record
    send: Callable[[bytes], None]
    waiting: list[bytes] = field(factory=list)
    tags: dict[bytes, c.Command] = field(factory=dict)
    heard: int = 0
    tag: int = 0
    utf8: bool = False
    logged_in: bool = False
    selected: bool = False
    qresync: bool = False
    idling: bool = False
    left: bool = False
    closed: bool = False
    deflater: Any = None
    inflater: Any = None

    def put(self, octets: bytes) -> None:
        """Give octets to the transport, compressed where COMPRESS is active (RFC 4978 §3)."""
        if self.deflater is not None:
            octets = self.deflater.compress(octets) + self.deflater.flush(zlib.Z_SYNC_FLUSH)
        self.send(octets)

    def taken(self, octets: bytes) -> bytes:
        """What octets of the transport say; behind the end of its stream the server speaks in the clear (RFC 8437 §4.1)."""
        if self.inflater is None:
            return octets
        inflater = self.inflater
        text: bytes = inflater.decompress(octets)
        if inflater.eof:
            self.deflater = self.inflater = None
        return text + inflater.unused_data

    def may_send(self) -> bool:
        """Whether a command may follow: none waits for a continuation request, and not too many are unanswered."""
        changing = c.Idle | c.Authenticate | c.Compress
        if self.deflater is not None:
            changing |= c.Unauthenticate  # what follows would have to go in the clear
        blocked = self.waiting or any(isinstance(each, changing) for each in self.tags.values())
        return not self.left and not self.closed and not blocked and len(self.tags) < IN_FLIGHT_MAX

    def act(self) -> None:
        """Send something, if it is this client's turn to."""
        if self.idling and not self.closed:
            self.line(b"DONE\r\n")
            self.idling = False
        elif self.may_send():
            self.command(scripts.next_command(self.random, self.logged_in, self.selected, self.qresync))

    def command(self, command: c.Command) -> None:
        """Send a command, its literals at once or one by one (RFC 9051 §4.3)."""
        self.tag += 1
        tag = b"%c%d" % (96 + self.number, self.tag)
        at_once = self.random.random() < 0.7
        pieces = render_command(c.TaggedCommand(tag, command), literal_plus=at_once, utf8=self.utf8)
        self.record.sent(self.number, b"".join(pieces))
        self.tags[tag] = command
        self.put(pieces[0])
        self.waiting = list(pieces[1:])

    def line(self, octets: bytes) -> None:
        """Send a line that the server waits for."""
        self.record.sent(self.number, octets)
        self.put(octets)

    def garbage(self, octets: bytes) -> None:
        """Send what is no command."""
        self.record.sent(self.number, octets)
        self.tags[octets.split(b" ")[0]] = c.Noop()
        self.put(octets)

    def hear(self, octets: bytes) -> None:
        """Take what the server said."""
        before = len(self.record.events)
        self.record.received(self.number, self.taken(octets))
        for event in self.record.events[before:]:
            assert isinstance(event, Received), f"not a response: {event}"
            self.react(event.response)

    def react(self, response: Response) -> None:
        """What a response means to the client."""
        self.heard += 1
        match response:
            case Continuation():
                self.go_on()
            case Enabled(names):
                enabled = {name.upper() for name in names}
                self.utf8 |= b"IMAP4REV2" in enabled
                self.qresync |= b"QRESYNC" in enabled
            case Tagged(tag, condition):
                if tag == list(self.tags)[-1]:
                    self.waiting = []  # a literal that is not wanted (RFC 9051 §4.3)
                self.answered(self.tags.pop(tag), condition is Condition.OK)
            case Untagged(Condition.BYE):
                self.left = True
            case Untagged(code=ResponseCode(Code.CLOSED)):
                self.selected = False

    def go_on(self) -> None:
        """Send what waited for the continuation request (RFC 9051 §7.6)."""
        last = list(self.tags.values())[-1]
        if self.waiting:
            self.put(self.waiting.pop(0))
        elif isinstance(last, c.Idle):
            self.idling = True
        elif isinstance(last, c.Authenticate):
            self.line(self.random.choice((b64encode(b"\0mira\0secret"), b"*", b64encode(b"\0mira\0wrong"))) + b"\r\n")

    def answered(self, command: c.Command, done: bool) -> None:
        """Follow the states of RFC 9051 §3."""
        match command:
            case c.Login() | c.Authenticate() if done:
                self.logged_in = True
            case c.Select():
                self.selected = done
            case c.Close() | c.Unselect() if done:
                self.selected = False
            case c.Idle():
                self.idling = False
            case c.Compress() if done:
                self.deflater, self.inflater = zlib.compressobj(wbits=-15), zlib.decompressobj(wbits=-15)
            case c.Unauthenticate() if done:
                self.logged_in = self.selected = self.qresync = self.utf8 = False
