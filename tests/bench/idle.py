"""What does an idle session cost, and how soon does IDLE tell of a new message?

    PYTHONPATH=tests python -m bench.idle

Memory is the growth of the whole process tree (shared pages in proportion) for 500 sessions with a mailbox of 1,000
messages selected, divided by 500. Latency is from the moment APPEND was answered on one connection to the EXISTS on
another: in the same worker process of Angarium, and in another one.
"""

from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from bench.messages import small_messages
from bench.report import Figure, arguments, rounds, running, show
from bench.wire import Wire, WrongAnswer, filled
from peers.servers import Server, memory_kb, process_tree


def start_idle(server: Server, mailbox: str) -> Wire:
    """A session in IDLE."""
    wire = Wire(server)
    wire.command(f"SELECT {mailbox}")
    wire.socket.sendall(b"i IDLE\r\n")
    if not wire.line().startswith(b"+"):
        raise WrongAnswer("no continuation request to IDLE")
    return wire


def memory_per_session(server: Server, sessions: int) -> float:
    """KB for each idle session."""
    warm = [start_idle(server, "some") for _ in range(4)]
    sleep(1)
    before = memory_kb(server.pid)
    wires = [start_idle(server, "some") for _ in range(sessions)]
    sleep(2)
    grown = memory_kb(server.pid) - before
    for wire in wires + warm:
        wire.close()
    sleep(2)
    return grown / sessions


def worker_of(server: Server, wire: Wire) -> int:
    """The process that holds the server's end of a connection."""
    port = wire.socket.getsockname()[1]
    wanted = f":{server.port:04X} 0100007F:{port:04X}"
    line = next(line for line in Path("/proc/net/tcp").read_text().splitlines() if wanted in line)
    link = f"socket:[{line.split()[9]}]"
    for pid in process_tree(server.pid):
        try:
            if any(str(entry.readlink()) == link for entry in Path(f"/proc/{pid}/fd").iterdir()):
                return pid
        except OSError:
            continue
    raise WrongAnswer("no process holds the connection")


def pair(server: Server, same: bool) -> tuple[Wire, Wire] | None:
    """An idle session and a sender, in the same worker or in different ones; None where that does not come about."""
    idler = start_idle(server, "news")
    for _ in range(40):
        sender = Wire(server)
        if (worker_of(server, idler) == worker_of(server, sender)) is same:
            return idler, sender
        sender.close()
    idler.close()
    return None


def latencies(idler: Wire, sender: Wire, count: int) -> list[float]:
    """Milliseconds from the answer to APPEND until EXISTS arrives (0 where it came first)."""
    found = []
    for number in range(count):
        sender.command("APPEND news {}", b"Subject: %d\r\n\r\nnews\r\n" % number)
        done = perf_counter()
        while b"EXISTS" not in idler.line():
            pass
        found.append((perf_counter() - done) * 1000)
        sleep(0.02)
    return found


def latency(server: Server, same: bool, count: int) -> float | None:
    """The median."""
    wire = Wire(server)
    if wire.status("news") is None:
        wire.command("CREATE news")
    wire.close()
    found = pair(server, same)
    if found is None:
        return None
    idler, sender = found
    middle = median(latencies(idler, sender, count))
    idler.close()
    sender.close()
    return middle


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__, sessions=500, messages=1000, latencies=50)
    figures = []
    with running(options) as servers:
        for server in servers:
            filled(server, "some", options.messages, small_messages(options.messages))
        for same, name in ((True, "latency, same process"), (False, "latency, another process")):
            for server in servers:
                values = [latency(server, same, options.latencies) for _ in range(options.rounds)]
                measured = tuple(value for value in values if value is not None)
                if measured:
                    figures.append(Figure(name, server.name, "ms", measured))
        figures += rounds("idle session", "KB", servers, 1, lambda s: memory_per_session(s, options.sessions))
    show(figures, options)


if __name__ == "__main__":
    main()
