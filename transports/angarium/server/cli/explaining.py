r"""``angarium explain``: how an IMAP command is read, rule by rule, with the section of the RFC that says so."""
