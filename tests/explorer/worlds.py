r"""The small worlds that are explored: one for each thing that makes a world large, so that each comes to an end.

All have every command family and two mailboxes, INBOX and one that comes and goes.
"""

from angarium.spec.explorer.bounds import Bounds

FLAGS = (rb"\Deleted", rb"\Seen", b"$Road")

WORLDS = {
    "one message": Bounds(),
    "two messages": Bounds(messages=2, view=2, subscribe=False),
    "three messages": Bounds(messages=3, view=3, subscribe=False, examine=False),
    "expunged in view": Bounds(messages=1, view=3, subscribe=False),
    "flags": Bounds(messages=1, view=1, flags=FLAGS, subscribe=False),
    "renamed": Bounds(names=("a", "b")),
    "recent": Bounds(messages=1, view=2, recent=True, subscribe=False),
    "saved result": Bounds(messages=1, view=2, saved=True, subscribe=False, examine=False),
    "IMAP4rev2": Bounds(enable=(b"IMAP4rev2",), subscribe=False),
    "CONDSTORE": Bounds(messages=1, view=2, enable=(b"CONDSTORE",), subscribe=False, examine=False),
    "QRESYNC": Bounds(messages=1, view=2, remembered=1, enable=(b"QRESYNC",), subscribe=False, examine=False),
    "UIDONLY": Bounds(messages=1, view=2, enable=(b"UIDONLY",), subscribe=False, examine=False),
    "three sessions": Bounds(sessions=3, subscribe=False, examine=False),
}
