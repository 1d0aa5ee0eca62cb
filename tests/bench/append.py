"""How many messages a second can be stored durably?

    PYTHONPATH=tests python -m bench.append

APPEND of 7.6 KB messages, each answered before the next is sent: one connection, ten connections to mailboxes of ten
users, ten to one mailbox, and one connection that pipelines. Then the same over LMTP. Angarium answers OK when the
message survives power loss; Dovecot runs with its default, which syncs messages but not every index.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from time import perf_counter

from bench.messages import messages
from bench.report import arguments, rounds, running, show
from bench.wire import Wire, WrongAnswer
from peers.servers import Server

CONNECTIONS = 10


def prepare(server: Server, user: str, mailbox: str = "new") -> Wire:
    """A connection to a user with an empty mailbox."""
    wire = Wire(server, user)
    if wire.status(mailbox) is not None:
        wire.command(f"DELETE {mailbox}")
    wire.command(f"CREATE {mailbox}")
    return wire


def one_by_one(wire: Wire, mails: Sequence[bytes]) -> None:
    """Each message when the one before is safe."""
    for mail in mails:
        wire.command("APPEND new {}", mail)


def together(jobs: Sequence[Callable[[], None]]) -> float:
    """Run the jobs at once and return the seconds until the last is done."""
    failures: list[BaseException] = []

    def guarded(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    start = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = perf_counter() - start
    if failures:
        raise failures[0]
    return seconds


def append_rate(server: Server, mails: Sequence[bytes], users: Sequence[str]) -> float:
    """One connection for each of ``users``, which may repeat."""
    for user in dict.fromkeys(users):
        prepare(server, user).close()
    wires = [Wire(server, user) for user in users]
    share = len(mails) // len(users)
    jobs = [lambda w=wire, at=at: one_by_one(w, mails[at * share : (at + 1) * share]) for at, wire in enumerate(wires)]
    seconds = together(jobs)
    stored = sum(prepared_count(server, user) for user in dict.fromkeys(users))
    if stored != share * len(users):
        raise WrongAnswer(f"{stored} messages stored, not {share * len(users)}")
    for wire in wires:
        wire.close()
    return share * len(users) / seconds


def prepared_count(server: Server, user: str) -> int:
    """How many messages have arrived."""
    wire = Wire(server, user)
    count = wire.status("new")
    wire.close()
    return count or 0


def pipelined_rate(server: Server, mails: Sequence[bytes]) -> float:
    """One connection that does not wait for answers."""
    wire = prepare(server, "u1")
    start = perf_counter()
    wire.append_all("new", mails)
    seconds = perf_counter() - start
    wire.close()
    return len(mails) / seconds


def lmtp_rate(server: Server, mails: Sequence[bytes], connections: int) -> float:
    """Deliver over LMTP, each connection to a user of its own."""
    share = len(mails) // connections
    jobs = [lambda at=at: deliver(server, f"u{at + 1}", mails[at * share : (at + 1) * share]) for at in range(connections)]
    return share * connections / together(jobs)


def deliver(server: Server, user: str, mails: Sequence[bytes]) -> None:
    """One LMTP connection, a transaction for each message."""
    with socket.create_connection((server.host, server.lmtp_port), 60) as sock, sock.makefile("rb") as answers:

        def expect(code: bytes) -> None:
            while (line := answers.readline())[3:4] == b"-":
                pass
            if not line.startswith(code):
                raise WrongAnswer(line.decode("latin-1"))

        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        expect(b"220")
        sock.sendall(b"LHLO bench.example.org\r\n")
        expect(b"250")
        for mail in mails:
            sock.sendall(f"MAIL FROM:<a@example.net>\r\nRCPT TO:<{user}@example.org>\r\nDATA\r\n".encode())
            expect(b"250")
            expect(b"250")
            expect(b"354")
            sock.sendall((b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n")
            expect(b"250")
        sock.sendall(b"QUIT\r\n")


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__, messages=1000)
    mails = list(messages(options.messages, seed=2))
    each = [f"u{number}" for number in range(1, CONNECTIONS + 1)]
    with running(options, users=CONNECTIONS) as servers:
        runs = options.rounds
        figures = [
            *rounds("append, 1 connection", "/s", servers, runs, lambda s: append_rate(s, mails, ["u1"]), larger=True),
            *rounds("append, 10 users", "/s", servers, runs, lambda s: append_rate(s, mails, each), larger=True),
            *rounds("append, 10 on one mailbox", "/s", servers, runs, lambda s: append_rate(s, mails, ["u1"] * 10), larger=True),
            *rounds("append, pipelined", "/s", servers, runs, lambda s: pipelined_rate(s, mails), larger=True),
            *rounds("lmtp, 1 connection", "/s", servers, runs, lambda s: lmtp_rate(s, mails, 1), larger=True),
            *rounds("lmtp, 10 connections", "/s", servers, runs, lambda s: lmtp_rate(s, mails, CONNECTIONS), larger=True),
        ]
    show(figures, options)


if __name__ == "__main__":
    main()
