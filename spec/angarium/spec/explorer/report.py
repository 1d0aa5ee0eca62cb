"""What was explored, in words and as JSON."""

import json
from typing import Any

from attrs import asdict

from angarium.spec.explorer.product import Report


def as_text(report: Report) -> str:
    """The figures, one a line."""
    bounds = report.bounds
    flags = " ".join(flag.decode() for flag in bounds.flags)
    lines = [
        f"{bounds.sessions} sessions, at most {bounds.messages} messages, {bounds.view} in a view; {flags}",
        f"states      {report.states:>12,}   of them {report.stores:,} of the store and {report.helds:,} of a session",
        f"edges       {report.edges:>12,}   {report.beyond:,} lead out of the world",
        f"commands    {report.moves:>12,}   carried out by the server: one for each edge of {report.pairs:,} pairs",
        f"time        {report.seconds:>12,.1f} s",
        f"by depth    {', '.join(f'{count:,}' for count in report.depths)}",
        "nothing is left to explore" if report.complete else "stopped before the end",
    ]
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """The same for a program."""
    return json.dumps({**asdict(report, recurse=False, filter=lambda attribute, _: attribute.name not in OWN), **own(report)})


OWN = ("bounds", "rows")


def own(report: Report) -> dict[str, Any]:
    """What JSON has no types for."""
    bounds = {name: plain(value) for name, value in asdict(report.bounds).items()}
    rows = sorted(f"{state} {command.__name__} {condition.name}" for state, command, condition in report.rows)
    return {"bounds": bounds, "rows": rows}


def plain(value: Any) -> Any:
    """Octets as text, tuples as lists."""
    if isinstance(value, bytes):
        return value.decode()
    return [plain(each) for each in value] if isinstance(value, tuple) else value
