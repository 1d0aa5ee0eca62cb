"""The base subject (RFC 5256 §2.1)."""

import re
from typing import Final

from attrs import frozen

from angarium.engine.mail.limits import subject_chars_max

_SPACE: Final = re.compile(r"[ \t\r\n]+")
_REFWD: Final = re.compile(r"(?:\[[^\[\]]*+\][ \t]*+)*(?:re|fwd?)[ \t]*+(?:\[[^\[\]]*+\][ \t]*+)?:", re.IGNORECASE | re.ASCII)
_BLOB: Final = re.compile(r"\[[^\[\]]*+\][ \t]*+")
_FORWARD_HEADER: Final = "[fwd:"
_FORWARD_TRAILER: Final = "(fwd)"


@frozen
class BaseSubject:
    """``text`` is the base subject; ``is_reply``: a mark of a reply or forward was taken off (RFC 5256 §3 REFERENCES)."""

    text: str
    is_reply: bool


def base_subject(subject: str) -> BaseSubject:
    """The base subject of a decoded Subject (RFC 5256 §2.1); the step numbers are those of the RFC."""
    text = _SPACE.sub(" ", subject[:subject_chars_max])  # (1)
    is_reply = False
    while True:
        text, forwarded = _without_trailers(text)  # (2)
        text, replied = _without_leaders(text)  # (3) to (5)
        is_reply = is_reply or forwarded or replied
        if not (text[:5].lower() == _FORWARD_HEADER and text.endswith("]")):  # (6)
            return BaseSubject(text, is_reply)
        text = text[5:-1]
        is_reply = True


def _without_trailers(text: str) -> tuple[str, bool]:
    """Step (2): without ``subj-trailer``."""
    found = False
    end = len(text)
    while True:
        if text[end - 1 : end] == " ":
            end -= 1
        elif end >= 5 and text[end - 5 : end].lower() == _FORWARD_TRAILER:
            end -= 5
            found = True
        else:
            return text[:end], found


def _without_leaders(text: str) -> tuple[str, bool]:
    """Steps (3) to (5): without ``subj-leader``, and without ``subj-blob`` where something is left behind it."""
    found = False
    at = 0
    while True:
        if text[at : at + 1] == " ":
            at += 1
        elif leader := _REFWD.match(text, at):
            at = leader.end()
            found = True
        elif (blob := _BLOB.match(text, at)) and blob.end() < len(text):
            at = blob.end()
        else:
            return text[at:], found
