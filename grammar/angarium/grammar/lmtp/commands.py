"""LMTP commands as values (RFC 2033 §4, RFC 5321 §4.1.1, RFC 3030 §2): what a client line means."""

import re
from enum import Enum
from typing import Final

from attrs import frozen

_DOT_STRING: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\U0010ffff]+(\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\U0010ffff]+)*"
)


class BodyValue(Enum):
    """``body-value`` of MAIL (RFC 6152 §2, RFC 3030 §3)."""

    SEVEN_BIT = "7BIT"
    EIGHT_BIT_MIME = "8BITMIME"
    BINARY_MIME = "BINARYMIME"


@frozen
class Path:
    """``Path`` without its source route (RFC 5321 §4.1.2, Appendix C).

    ``local_part`` has its quotes removed; ``domain`` is "" where the client named only a local part (``quirk_local_mailbox``).
    """

    local_part: str
    domain: str = ""

    @property
    def address(self) -> str:
        """The mailbox as text, unquoted: what the store is asked for."""
        return f"{self.local_part}@{self.domain}" if self.domain else self.local_part

    @property
    def spelled(self) -> str:
        """The path as it is written on the wire, quoted no more than needed (RFC 5321 §4.1.2)."""
        local_part = self.local_part
        if not _DOT_STRING.fullmatch(local_part):
            local_part = '"' + re.sub(r'(["\\])', r"\\\1", local_part) + '"'
        return f"<{local_part}@{self.domain}>" if self.domain else f"<{local_part}>"

    @property
    def ascii(self) -> bool:
        """Whether it can be named without SMTPUTF8 (RFC 6531 §3.3)."""
        return self.local_part.isascii() and self.domain.isascii()


@frozen
class Lhlo:
    """``LHLO`` (RFC 2033 §4.1)."""

    domain: str


@frozen
class Greet:
    """``HELO`` or ``EHLO``, which LMTP does not have (RFC 2033 §4.1)."""


@frozen
class Mail:
    """``MAIL FROM`` (RFC 5321 §4.1.1.2); ``reverse_path`` None is the null path ``<>``.

    ``unknown`` names the parameters that no extension here defines, ``repeated`` whether one came twice.
    """

    reverse_path: Path | None
    size: int | None = None
    body: BodyValue = BodyValue.SEVEN_BIT
    smtputf8: bool = False
    unknown: tuple[str, ...] = ()
    repeated: bool = False


@frozen
class Rcpt:
    """``RCPT TO`` (RFC 5321 §4.1.1.3)."""

    forward_path: Path
    unknown: tuple[str, ...] = ()


@frozen
class Data:
    """``DATA`` (RFC 5321 §4.1.1.4)."""


@frozen
class Bdat:
    """``BDAT`` (RFC 3030 §2): ``chunk_size`` octets follow its line."""

    chunk_size: int
    last: bool = False


@frozen
class Rset:
    """``RSET`` (RFC 5321 §4.1.1.5)."""


@frozen
class Vrfy:
    """``VRFY`` (RFC 5321 §4.1.1.6)."""


@frozen
class Expn:
    """``EXPN`` (RFC 5321 §4.1.1.7)."""


@frozen
class Help:
    """``HELP`` (RFC 5321 §4.1.1.8)."""


@frozen
class Noop:
    """``NOOP`` (RFC 5321 §4.1.1.9)."""


@frozen
class Quit:
    """``QUIT`` (RFC 5321 §4.1.1.10)."""


Command = Lhlo | Greet | Mail | Rcpt | Data | Bdat | Rset | Vrfy | Expn | Help | Noop | Quit
