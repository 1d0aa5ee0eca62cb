r"""Transcripts: what client and server say, line by line, played against the engine over any store.

A file has lines of these kinds; a number after the letter is the connection, 1 where there is none::

    # text              a comment
    peer2 starttls      what kind of connection: local (the default), tls, starttls, remote
    login2 tim          connection 2 connects and logs in, unobserved
    message hello       defines a message; its lines follow, each with "| " before it; \0 in them is NUL
    C: a1 NOOP          the client sends the line; {@hello} is the message as a literal
    S: a1 OK ...        the next thing the server says
    CC: a1 NOOP         the same, but held back and sent together with the next C: line
    W2:                 connection 2 is woken: the mailbox it watches has changed
    T: D: Z:            nothing came for a while; the server shuts down; the client has gone
    E:                  the server closes the connection

In what the server says ``...`` is any text, ``$name`` a word to remember, or the one remembered. Whatever the server says has
to be expected: before a connection's next line and at the end nothing may be left over.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from angarium.engine.steps import Closed, Peer, Shutdown, TimedOut, Woken
from conformance.dialogue import Dialogue

USERS = {"tim": "tanstaaftanstaaf", "fred": "foo"}
PEERS = {
    "local": Peer("client", local=True),
    "tls": Peer("client", tls=True),
    "starttls": Peer("client", can_start_tls=True),
    "remote": Peer("client"),
}
EVENTS = {"W": Woken, "T": TimedOut, "D": Shutdown, "Z": Closed}
_LINE = re.compile(r"(CC|[CSWTDZE])(\d?):(?: (.*))?\Z")
_TOKEN = re.compile(r"(\$\w+|\.\.\.|\{@\w+\})")


class Play:
    """One transcript being played."""

    def __init__(self, execute: Callable[[Any], Any]) -> None:
        self.execute = execute
        self.connections: dict[str, Dialogue] = {}
        self.peers: dict[str, str] = {}
        self.said: dict[str, list[bytes]] = {}
        self.messages: dict[str, bytes] = {}
        self.captured: dict[str, bytes] = {}
        self.held = b""

    def connection(self, number: str) -> Dialogue:
        if number not in self.connections:
            self.connections[number] = Dialogue(self.execute, PEERS[self.peers.get(number, "local")])
            self.said[number] = self.connections[number].lines()
        return self.connections[number]

    def login(self, number: str, user: str) -> None:
        last = self.connection(number).command(f"login LOGIN {user} {USERS[user]}")[-1]
        assert last.startswith(b"login OK"), last
        self.said[number].clear()

    def line(self, kind: str, number: str, text: str) -> None:
        connection = self.connection(number)
        said = self.said[number]
        if kind == "S":
            assert said, f"expected {text!r}, but the server said nothing more"
            self.expect(text, said.pop(0))
            return
        assert not said, f"the server also said {said!r}"
        if kind == "E":
            assert connection.closed, "the connection is still open"
        elif kind == "CC":
            self.held += self.octets(text, b"+") + b"\r\n"
        elif kind == "C":
            held, self.held = self.held, b""
            said += connection.say(held + self.octets(text, b"+") + b"\r\n")
        else:
            said += connection.send(EVENTS[kind]())

    def octets(self, text: str, plus: bytes) -> bytes:
        def literal(found: re.Match[bytes]) -> bytes:
            content = self.messages[found[1].decode()]
            return b"{%d%b}\r\n%b" % (len(content), plus, content)

        text = re.sub(r"\$(\w+)", lambda found: self.captured.get(found[1], found[0].encode()).decode(), text)
        return re.sub(rb"\{@(\w+)\}", literal, text.encode())

    def expect(self, text: str, actual: bytes) -> None:
        pattern, names = b"", []
        for token in _TOKEN.split(text):
            if token == "...":
                pattern += b".*"
            elif token[:1] == "$" and token[1:] in names:
                pattern += b"(?P=%b)" % token[1:].encode()
            elif token[:1] == "$" and token[1:] and token[1:] not in self.captured:
                names.append(token[1:])
                pattern += rb"(?P<%b>[^ ()\[\]]+)" % token[1:].encode()
            else:
                pattern += re.escape(self.octets(token, b""))
        found = re.fullmatch(pattern, actual, re.DOTALL)
        assert found, f"expected {text!r}, the server said {actual!r}"
        self.captured.update({name: found[name] for name in names})

    def finish(self) -> None:
        assert not any(self.said.values()), f"the server also said {self.said!r}"


def play(path: Path, execute: Callable[[Any], Any]) -> None:
    """Play a transcript; the assertion that fails names the line."""
    stage = Play(execute)
    message: list[str] | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("|") and message is not None:
            message.append(line[2:])
            stage.messages[message[0]] = "".join(part + "\r\n" for part in message[1:]).encode().replace(rb"\0", b"\0")
        elif line.startswith("message "):
            message = [line.split()[1]]
        elif line.startswith("login"):
            stage.login(line.split()[0][5:] or "1", line.split()[1])
        elif line.startswith("peer"):
            stage.peers[line.split()[0][4:] or "1"] = line.split()[1]
        elif line and not line.startswith("#"):
            found = _LINE.match(line)
            assert found, f"{path.name}:{number}: not a line of a transcript: {line!r}"
            try:
                stage.line(found[1], found[2] or "1", found[3] or "")
            except AssertionError as error:
                raise AssertionError(f"{path.name}:{number}: {error}") from None
    stage.finish()
