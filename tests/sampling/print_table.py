"""Writes the generated half of docs/reference/grammar.md: ``python -m sampling.print_table [samples]`` from tests/."""

import sys
from pathlib import Path

from sampling import abnf_grammar, compare

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "grammar.md"
MARK = "<!-- Written by tests/sampling/print_table.py from here on. -->\n"
_RULES = "|---|---:|---:|---:|---|\n"


def differences():
    """The known differences as a table."""
    rows = ["| difference | taken by | kind | example | why |\n|---|---|---|---|---|\n"]
    for row in compare.known_differences():
        side = "the RFCs' ABNF" if row.accepted_by == "abnf" else "Angarium"
        example = row.example.removesuffix("\r\n").replace("\r\n", "␍␊").replace("|", "\\|")
        rows.append(f"| {row.name} | {side} | {row.kind} | `{example}` | {row.why} |\n")
    return "".join(rows)


def _line(row):
    known = ", ".join(f"{name} {count}" for name, count in sorted(row.known.items()))
    return f"| {row.rule} | {row.drawn} | {row.accepted} | {len(row.unknown)} | {known} |\n"


def tables(samples):
    """Both directions, a row for each rule."""
    heading = "| rule | drawn | accepted | unexplained | known differences |\n" + _RULES
    from_rfcs = [
        _line(compare.abnf_to_lark(number, rule, samples))
        for number in (9051, *abnf_grammar.SECTIONS)
        for rule in compare.rules_to_draw(number)
    ]
    from_lark = [_line(compare.lark_to_abnf(rule, samples)) for rule in compare.LARK_COMMANDS + compare.LARK_RESPONSES]
    return (
        f"### Sentences of the RFCs, parsed by Angarium\n\n{heading}{''.join(from_rfcs)}\n"
        f"### Sentences of Angarium's grammar, parsed by the `abnf` package\n\n{heading}{''.join(from_lark)}"
    )


def main():
    """Write the page."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    written = PAGE.read_text("utf-8").partition(MARK)[0]
    PAGE.write_text(f"{written}{MARK}\n### Known differences\n\n{differences()}\n{tables(samples)}", "utf-8")


if __name__ == "__main__":
    main()
