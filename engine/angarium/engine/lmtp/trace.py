"""Trace fields that final delivery puts before a message (RFC 5321 §4.4)."""

from datetime import datetime
from typing import Final

from angarium.engine.steps import Peer
from angarium.grammar.lmtp.commands import Mail, Path

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def trace_fields(mail: Mail, forward_path: Path, client: str, peer: Peer, hostname: str, now: datetime) -> bytes:
    """``Return-path-line`` and ``Time-stamp-line`` for one recipient's copy, so the FOR clause never names another's."""
    reverse_path = mail.reverse_path.spelled if mail.reverse_path is not None else "<>"
    lines = (
        f"Return-Path: {reverse_path}",
        f"Received: from {client}{_tcp_info(peer)}",
        f"\tby {hostname} with {_with(mail, peer)}",
        f"\tfor {forward_path.spelled}; {date_time(now)}",
    )
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8")


def _tcp_info(peer: Peer) -> str:
    """``TCP-info``: what the transport knows of the client, whatever it calls itself; a unix socket has none."""
    if ":" in peer.address:
        return f" ([IPv6:{peer.address}])"
    return f" ([{peer.address}])" if peer.address[:1].isdigit() else ""


def _with(mail: Mail, peer: Peer) -> str:
    """``With`` protocol (RFC 3848 §1, RFC 6531 §4.3)."""
    return ("UTF8" if mail.smtputf8 else "") + "LMTP" + ("S" if peer.tls else "")


def date_time(moment: datetime) -> str:
    """``date-time`` (RFC 5322 §3.3), with a numeric zone."""
    offset = int(moment.utcoffset().total_seconds()) // 60  # type: ignore[union-attr]
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day} {month} {moment.year:04} {moment:%H:%M:%S} {sign}{minutes // 60:02}{minutes % 60:02}"
