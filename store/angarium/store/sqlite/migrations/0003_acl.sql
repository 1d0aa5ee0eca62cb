-- Access control lists (RFC 4314 §2): what each identifier may do, letters in the order of angarium.engine.acl.RIGHTS.
CREATE TABLE acl (
    mailbox INTEGER NOT NULL,
    identifier TEXT NOT NULL,                   -- a user, anyone or group:name; with a dash before it, rights taken away
    rights TEXT NOT NULL,
    PRIMARY KEY (mailbox, identifier)
) STRICT, WITHOUT ROWID;
