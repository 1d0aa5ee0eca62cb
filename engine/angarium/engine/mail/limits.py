"""How much of a message is looked at. Beyond a limit the result is still defined: the rest counts as plain octets."""

from typing import Final

header_octets_max: Final = 131_072
"""Octets of one header block in which fields are looked for; the block itself may be longer."""

depth_max: Final = 64
"""Levels of multipart and message/rfc822 nesting; what lies deeper is application/octet-stream."""

parts_max: Final = 10_000
"""Body parts of one message; the last one of a multipart takes in the remaining octets."""

parameters_max: Final = 128
"""Parameters of one Content-Type or Content-Disposition field."""

addresses_max: Final = 10_000
"""Entries of one address list in an envelope, group markers included."""

references_max: Final = 1_000
"""Message ids kept of one References field: the last ones, which are the nearest ancestors."""

subject_chars_max: Final = 1_000
"""Characters of a subject that take part in sorting and threading."""

preview_chars_max: Final = 200
"""Characters of a preview (RFC 8970 §3.3)."""

preview_octets_max: Final = 4_096
"""Octets at the beginning of a text part from which a preview is made."""

thread_steps_max: Final = 1_000_000
"""Steps up a thread that one THREAD may take in search of loops, and a hundred more for each message."""
