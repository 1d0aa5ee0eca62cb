"""Does a mailbox of 100,000 messages stay easy to open and to read, with the memory of the server flat?

    PYTHONPATH=tests python -m bench.large

``open`` is SELECT on a new connection, ``list`` a FETCH of every message's list data, ``growth`` how much the process tree
grew at most while it ran, read by a client that takes its time.
"""

import threading
from time import sleep

from bench.messages import small_messages
from bench.report import Figure, arguments, rounds, running, show
from bench.wire import Wire, WrongAnswer, filled
from peers.servers import Server, memory_kb

ITEMS = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"


def open_seconds(server: Server) -> float:
    """SELECT."""
    wire = Wire(server)
    wire.command("SELECT large")
    seconds = wire.seconds
    wire.close()
    return seconds


def list_seconds(server: Server, count: int) -> float:
    """FETCH 1:*."""
    wire = Wire(server)
    wire.command("EXAMINE large")
    answer = wire.command(f"FETCH 1:* {ITEMS}")
    seconds = wire.seconds
    wire.close()
    if answer.count(b" FETCH (") < count:
        raise WrongAnswer("messages are missing")
    return seconds


def growth_mb(server: Server) -> float:
    """The most that the server's memory grew by while a slow client fetched everything."""
    wire = Wire(server)
    wire.command("EXAMINE large")
    before, most, over = memory_kb(server.pid), 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.is_set():
            most = max(most, memory_kb(server.pid) - before)
            over.wait(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        wire.socket.sendall(b"slow FETCH 1:* " + ITEMS.encode() + b"\r\n")
        tail = b""
        while b"\r\nslow OK" not in tail:
            tail = tail[-64:] + wire.read()
            sleep(0.0005)
    finally:
        over.set()
        watcher.join()
        wire.close()
    return most / 1024


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__, messages=100_000)
    count = options.messages
    with running(options) as servers:
        for server in servers:
            filled(server, "large", count, small_messages(count))
        figures = [
            *rounds("open", "s", servers, options.rounds, open_seconds),
            *rounds("list", "s", servers, options.rounds, lambda s: list_seconds(s, count)),
            *[Figure("growth", server.name, "MB", (growth_mb(server),)) for server in servers],
        ]
    show(figures, options)


if __name__ == "__main__":
    main()
