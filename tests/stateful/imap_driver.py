"""One IMAP connection to one store, driven by hand: octets in, parsed responses out, nothing in between."""

import zlib
from collections.abc import Callable, Generator
from typing import Any

from angarium.engine.imap.connection import ImapServer
from angarium.engine.operations import StoreError
from angarium.engine.steps import Closed, Event, Execute, Failed, Peer, Read, Received, Result, Step, Woken, Write
from angarium.grammar.imap.commands import Command, Compress, Idle, TaggedCommand
from angarium.grammar.imap.framing import Frame, Framer, LiteralWanted
from angarium.grammar.imap.parse_response import parse_response
from angarium.grammar.imap.render_command import render_command
from angarium.grammar.imap.responses import Condition, Response, Tagged
from angarium.store.store import Store

LOCAL = Peer("127.0.0.1", local=True)
ServerFactory = Callable[[Peer], ImapServer]


class Connection:
    """Runs the engine up to its next ``Read``; what it wrote until then must be whole responses of the grammar."""

    def __init__(self, store: Store, make_server: ServerFactory = ImapServer) -> None:
        self.store = store
        self.utf8 = False
        self.deflater: Any = None
        self.inflater: Any = None
        self.framer = Framer(1_000_000, 100_000_000, 1_000_000, 100_000_000)
        self.steps: Generator[Step, Event, None] = make_server(LOCAL).run()
        self.read: Read | None = None
        self.greeting = self._run(None)

    @property
    def closed(self) -> bool:
        """The server has hung up."""
        return self.read is None

    def send(self, tag: bytes, command: Command) -> list[Response]:
        """Send a command; literals without waiting (RFC 7888)."""
        octets = b"".join(render_command(TaggedCommand(tag, command), literal_plus=True, utf8=self.utf8))
        answer = self.send_octets(octets)
        done = bool(answer) and isinstance(answer[-1], Tagged) and answer[-1].condition is Condition.OK
        if isinstance(command, Compress) and done:
            self.deflater, self.inflater = zlib.compressobj(wbits=-15), zlib.decompressobj(wbits=-15)
        return answer

    def idle(self, tag: bytes) -> list[Response]:
        """Begin to idle (RFC 9051 §6.3.13)."""
        return self.send(tag, Idle())

    def send_octets(self, octets: bytes) -> list[Response]:
        """Send octets, compressed once COMPRESS was answered with OK (RFC 4978 §3)."""
        if self.deflater is not None:
            octets = self.deflater.compress(octets) + self.deflater.flush(zlib.Z_SYNC_FLUSH)
        return self._run(Received(octets))

    def wake(self) -> list[Response]:
        """Let the watched mailbox have changed, where one is watched."""
        if self.read is None or self.read.watch is None:
            return []
        return self._run(Woken())

    def close(self) -> None:
        """Hang up."""
        if self.read is not None:
            self._run(Closed())
        self.steps.close()

    def _run(self, event: Event) -> list[Response]:
        self.read = None
        try:
            step = self.steps.send(event)
            while not isinstance(step, Read):
                step = self.steps.send(self._carry_out(step))
            self.read = step
        except StopIteration:
            assert self.read is None
        return self._responses()

    def _carry_out(self, step: Step) -> Event:
        match step:
            case Write(octets):
                self.framer.feed(self._inflated(octets))
                return None
            case Execute(operation):
                try:
                    return Result(self.store.execute(operation))
                except StoreError as error:
                    return Failed(error)
        raise AssertionError(f"not expected here: {step}")

    def _inflated(self, octets: bytes) -> bytes:
        """What the server has said; behind the end of its stream it speaks in the clear again (RFC 8437 §4.1)."""
        if self.inflater is None:
            return octets
        inflater = self.inflater
        octets = inflater.decompress(octets)
        if inflater.eof:
            self.deflater = self.inflater = None
        rest: bytes = octets + inflater.unused_data
        return rest

    def _responses(self) -> list[Response]:
        responses = []
        while (event := self.framer.next()) is not None:
            match event:
                case Frame():
                    responses.append(parse_response(event, utf8=self.utf8))
                case LiteralWanted():
                    self.framer.accept_literal(stream=False)
                case _:
                    raise AssertionError(f"not a response: {event}")
        assert not self.framer.pending, "the server stopped in the middle of a response"
        return responses
