"""How long does Angarium take to say its version, and to greet after ``serve``?

    PYTHONPATH=tests python -m bench.startup

Goals: the version within 0.3 s, the greeting within 1.5 s. Dovecot is left out: its parts start one by one, on demand.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from bench.report import Figure, arguments, show
from peers.servers import add_user, angarium_command, await_port, free_ports, stop


def version_seconds() -> float:
    """Run ``angarium --version``."""
    start = perf_counter()
    subprocess.run(angarium_command("--version"), check=True, capture_output=True)
    return perf_counter() - start


def python_seconds() -> float:
    """What of that is Python itself."""
    start = perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    return perf_counter() - start


def greeting_seconds(data: Path) -> float:
    """From the start of ``angarium serve`` to its first greeting."""
    (port,) = free_ports(1)
    start = perf_counter()
    command = angarium_command("serve", "--data", str(data), "--imap", f"127.0.0.1:{port}")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        try:
            await_port(port, run)
            return perf_counter() - start
        finally:
            stop(run)


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__)
    with tempfile.TemporaryDirectory(prefix="angarium-bench-") as folder:
        add_user(Path(folder), "u1")
        runs = range(options.rounds)
        figures = [
            Figure("python -c ''", "angarium", "s", tuple(python_seconds() for _ in runs)),
            Figure("--version", "angarium", "s", tuple(version_seconds() for _ in runs)),
            Figure("serve to greeting", "angarium", "s", tuple(greeting_seconds(Path(folder)) for _ in runs)),
        ]
    show(figures, options)


if __name__ == "__main__":
    main()
