"""How fast is SEARCH over 10,000 messages, above all in bodies?

    PYTHONPATH=tests python -m bench.search

A rare word, a word that is nowhere, a common word, the subject, a flag. Angarium has indexed the text behind delivery
(the script waits for that); Dovecot has no full-text index here and scans. Every answer is compared with the messages.
"""

import re
from collections.abc import Callable

from bench.messages import ABSENT_WORD, RARE_EVERY, RARE_WORD, SUBJECT_EVERY, SUBJECT_WORD, messages
from bench.report import arguments, rounds, running, show
from bench.wire import Wire, WrongAnswer, filled
from peers.servers import Server


def hits(wire: Wire, key: str) -> int:
    """How many messages SEARCH finds."""
    match = re.search(rb"\* SEARCH([ \d]*)\r\n", wire.command(f"SEARCH {key}"))
    return len(match.group(1).split()) if match else 0


def search_seconds(server: Server, key: str, expected: int | None) -> float:
    """On a new connection; the answer must have ``expected`` hits."""
    wire = Wire(server)
    wire.command("EXAMINE big")
    found = hits(wire, key)
    seconds = wire.seconds
    wire.close()
    if expected is not None and found != expected:
        raise WrongAnswer(f"SEARCH {key}: {found} hits, not {expected}")
    return seconds


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__, messages=10_000)
    count = options.messages
    workloads: dict[str, tuple[str, int | None]] = {
        "body, rare word": (f"BODY {RARE_WORD}", -(-count // RARE_EVERY)),
        "body, absent word": (f"BODY {ABSENT_WORD}", 0),
        "body, common word": ("BODY garden", None),
        "text, rare word": (f"TEXT {RARE_WORD}", -(-count // RARE_EVERY)),
        "subject": (f"SUBJECT {SUBJECT_WORD}", -(-count // SUBJECT_EVERY)),
        "from": ("FROM costa@example.net", None),
        "unseen": ("UNSEEN", count),
    }
    figures = []
    with running(options) as servers:
        for server in servers:
            filled(server, "big", count, messages(count))
        for name, (key, expected) in workloads.items():
            run: Callable[[Server], float] = lambda s, key=key, expected=expected: search_seconds(s, key, expected)  # noqa: E731
            figures += rounds(name, "s", servers, options.rounds, run)
    show(figures, options)


if __name__ == "__main__":
    main()
