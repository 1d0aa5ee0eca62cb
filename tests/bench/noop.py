"""How many round trips a second: what does one small command cost?

    PYTHONPATH=tests python -m bench.noop

NOOP before a mailbox is selected, with one of 1,000 messages selected, and 50 at a time. Also whole sessions: connect,
LOGIN, LOGOUT.
"""

from time import perf_counter

from bench.messages import small_messages
from bench.report import arguments, rounds, running, show
from bench.wire import Wire, filled
from peers.servers import Server


def noop_rate(server: Server, count: int, mailbox: str | None) -> float:
    """One after the other."""
    wire = Wire(server)
    if mailbox:
        wire.command(f"SELECT {mailbox}")
    send, receive = wire.socket.sendall, wire.socket.recv
    start = perf_counter()
    for number in range(count):
        send(b"n%d NOOP\r\n" % number)
        answer = receive(4096)
        if not (answer.startswith(b"n%d OK" % number) and answer.endswith(b"\r\n")):
            raise AssertionError(answer)
    rate = count / (perf_counter() - start)
    wire.close()
    return rate


def pipelined_rate(server: Server, count: int) -> float:
    """Fifty at a time."""
    wire = Wire(server)
    batch = b"n NOOP\r\n" * 50
    start = perf_counter()
    for _ in range(count // 50):
        wire.socket.sendall(batch)
        lines = 0
        while lines < 50:
            lines += wire.read().count(b"\n")
    rate = count / (perf_counter() - start)
    wire.close()
    return rate


def session_rate(server: Server, count: int) -> float:
    """Connect, LOGIN, LOGOUT."""
    start = perf_counter()
    for _ in range(count):
        wire = Wire(server)
        wire.command("LOGOUT")
        wire.close()
    return count / (perf_counter() - start)


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__, commands=10_000, sessions=200, messages=1000)
    with running(options) as servers:
        for server in servers:
            filled(server, "some", options.messages, small_messages(options.messages))
        runs, commands = options.rounds, options.commands
        figures = [
            *rounds("noop", "/s", servers, runs, lambda s: noop_rate(s, commands, None), larger=True),
            *rounds("noop, selected", "/s", servers, runs, lambda s: noop_rate(s, commands, "some"), larger=True),
            *rounds("noop, pipelined", "/s", servers, runs, lambda s: pipelined_rate(s, commands), larger=True),
            *rounds("session", "/s", servers, runs, lambda s: session_rate(s, options.sessions), larger=True),
        ]
    show(figures, options)


if __name__ == "__main__":
    main()
