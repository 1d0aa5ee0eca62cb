"""Engine, stores and model agree on IMAP, whatever the commands (RFC 9051 §6); see ``imap_worlds`` for what is compared."""

from stateful.imap_machine import ImapMachine

TestImap = ImapMachine.TestCase
