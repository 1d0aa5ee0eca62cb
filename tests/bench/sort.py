"""How fast are SORT and THREAD over 10,000 messages?

    PYTHONPATH=tests python -m bench.sort

By subject, by date and by sender, forwards and backwards; threads by subject and by references. Nothing is asked twice on one
connection, but servers may remember: Angarium has its keys from delivery, Dovecot in its cache. Every answer has all messages.
"""

import re
from collections.abc import Callable

from bench.messages import messages
from bench.report import arguments, rounds, running, show
from bench.wire import Wire, WrongAnswer, filled
from peers.servers import Server

WORKLOADS = {
    "sort by subject": "SORT (SUBJECT) UTF-8 ALL",
    "sort by date, newest first": "SORT (REVERSE DATE) UTF-8 ALL",
    "sort by sender and date": "SORT (FROM DATE) UTF-8 ALL",
    "sort by displayed sender": "SORT (DISPLAYFROM) UTF-8 ALL",
    "thread by subject": "THREAD ORDEREDSUBJECT UTF-8 ALL",
    "thread by references": "THREAD REFERENCES UTF-8 ALL",
}


def seconds_of(server: Server, command: str, expected: int) -> float:
    """On a new connection; the answer must have ``expected`` numbers."""
    wire = Wire(server)
    wire.command("EXAMINE big")
    match = re.search(rb"\* (?:SORT|THREAD)([ \d()]*)\r\n", wire.command(command))
    seconds = wire.seconds
    wire.close()
    found = len(re.findall(rb"\d+", match.group(1))) if match else 0
    if found != expected:
        raise WrongAnswer(f"{command}: {found} messages, not {expected}")
    return seconds


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__, messages=10_000)
    figures = []
    with running(options) as servers:
        for server in servers:
            filled(server, "big", options.messages, messages(options.messages))
        for name, command in WORKLOADS.items():
            run: Callable[[Server], float] = lambda s, command=command: seconds_of(s, command, options.messages)  # noqa: E731
            figures += rounds(name, "s", servers, options.rounds, run)
    show(figures, options)


if __name__ == "__main__":
    main()
