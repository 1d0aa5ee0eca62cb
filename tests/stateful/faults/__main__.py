"""Put in every fault in turn and write what caught it.

    PYTHONPATH=tests python -m stateful.faults [--check | --missing] [WORD]

With ``--check`` only says whether the page lists the faults there are; with ``--missing`` only those are tried that it does not
list, or not as caught; with a word only faults that have it in their name, and nothing is written. Exit codes: 0 fine, 1 a
fault survives that should not or the page is stale, 2 wrong use.
"""

import argparse
import sys

import pytest

import conftest
from stateful.faults.fault import Fault
from stateful.faults.hunt import CI, Finding, hunt
from stateful.faults.page import PAGE, is_fresh, known_findings, page
from stateful.faults.table import FAULTS

assert conftest.settings is not None, "the profiles are registered there"


def tried(fault: Fault) -> Finding:
    """Look for one fault, and say what came of it."""
    with pytest.MonkeyPatch.context() as patch:
        fault.change(patch)
        finding = hunt(fault.attempts)
    print(f"{fault.what}: {finding.rule or 'SURVIVES'}, {finding.examples} examples, {finding.seconds:.1f} s", flush=True)
    return finding


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m stateful.faults", description="Which rule catches which fault.")
    parser.add_argument("word", nargs="?", default="", help="only faults with this in their name")
    parser.add_argument("--check", action="store_true", help="only say whether the page lists the faults there are")
    parser.add_argument("--missing", action="store_true", help="only faults that the page does not list, or not as caught")
    options = parser.parse_args(arguments)
    if options.check:
        fresh = is_fresh()
        print(f"{PAGE.name} {'lists the faults there are' if fresh else 'is stale: run python -m stateful.faults'}")
        return 0 if fresh else 1
    known = {what: finding for what, finding in known_findings().items() if finding.rule} if options.missing else {}
    findings = {fault.what: tried(fault) for fault in FAULTS if options.word in fault.what and fault.what not in known}
    if not options.word:
        PAGE.write_text(page({**known, **findings}, CI.max_examples), "utf-8")
    survivors = {what for what, finding in findings.items() if finding.rule is None}
    return 1 if survivors - {fault.what for fault in FAULTS if fault.survives} else 0


if __name__ == "__main__":
    sys.exit(main())
