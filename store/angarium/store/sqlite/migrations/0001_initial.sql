-- One user's mail. docs/reference/store.md explains every table.

-- A single row: what has to outlive the mailboxes.
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    last_uidvalidity INTEGER NOT NULL,          -- never given twice, not even to a name made again (RFC 9051 §2.3.1.1)
    created INTEGER NOT NULL                    -- Unix seconds
) STRICT;

CREATE TABLE mailbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,   -- MailboxId.number: lives through renames, is never used again
    name TEXT NOT NULL UNIQUE,
    uidvalidity INTEGER NOT NULL,
    uidnext INTEGER NOT NULL DEFAULT 1,
    highest_modseq INTEGER NOT NULL DEFAULT 1,
    uids_modseq INTEGER NOT NULL DEFAULT 1,     -- mod-sequence of the last arrival or removal
    removed_modseq INTEGER NOT NULL DEFAULT 1,  -- mod-sequence of the last removal
    recent_uid INTEGER NOT NULL DEFAULT 1,      -- the first UID that no session was told of (RFC 3501 §2.3.2)
    object_id TEXT NOT NULL,                    -- MAILBOXID (RFC 8474 §4)
    special_use TEXT NOT NULL DEFAULT '',       -- separated by spaces (RFC 6154)
    created INTEGER NOT NULL,
    -- kept in step with the rows of message, so that STATUS and SELECT need not count
    messages INTEGER NOT NULL DEFAULT 0,
    unseen INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    octets INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE subscription (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Keywords, each with its first spelling and how many messages have it.
CREATE TABLE keyword (
    mailbox INTEGER NOT NULL,
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (mailbox, folded)
) STRICT, WITHOUT ROWID;

-- Small rows, so that scans of flags and UIDs read few pages; what depends on the octets alone is in content.
CREATE TABLE message (
    key INTEGER PRIMARY KEY,                    -- mailbox << 32 | uid: a mailbox lies together, in UID order
    mailbox INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    created_modseq INTEGER NOT NULL,
    flags INTEGER NOT NULL,                     -- bits: 1 \Answered 2 \Flagged 4 \Deleted 8 \Seen 16 \Draft
    keywords TEXT NOT NULL,                     -- '' or ' one two ': separated and enclosed by spaces
    octets INTEGER NOT NULL,
    internal_date BLOB NOT NULL,                -- as FETCH INTERNALDATE shows it
    internal_utc INTEGER NOT NULL,              -- Unix seconds
    internal_day INTEGER NOT NULL,              -- proleptic Gregorian ordinal of the date as written, for BEFORE ON SINCE
    saved INTEGER NOT NULL,                     -- Unix seconds (RFC 8514)
    content INTEGER NOT NULL
) STRICT;
CREATE INDEX message_modseq ON message (mailbox, modseq);
CREATE INDEX message_content ON message (content);

-- What happened to messages that are gone (VANISHED, RFC 7162 §3.2.10); content is set while they can be brought back.
CREATE TABLE expunged (
    mailbox INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    at INTEGER NOT NULL,                        -- Unix seconds
    flags INTEGER NOT NULL,
    keywords TEXT NOT NULL,
    internal_date BLOB NOT NULL,
    internal_utc INTEGER NOT NULL,
    internal_day INTEGER NOT NULL,
    saved INTEGER NOT NULL,
    octets INTEGER NOT NULL,
    content INTEGER,
    PRIMARY KEY (mailbox, modseq, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX expunged_content ON expunged (content) WHERE content IS NOT NULL;

-- Everything that follows from a message's octets, worked out once at delivery; copies share it.
CREATE TABLE content (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL,                       -- SHA-256 of the octets; EMAILID comes from it (RFC 8474 §5.1)
    octets INTEGER NOT NULL,
    outside INTEGER NOT NULL,                   -- 1: the octets are in the file blobs/<digest>, 0: in the table octets
    header_octets INTEGER NOT NULL,             -- up to and with the empty line
    envelope BLOB NOT NULL,
    body BLOB NOT NULL,
    bodystructure BLOB NOT NULL,
    partmap BLOB NOT NULL,
    sent_utc INTEGER,                           -- Date: header field, Unix seconds
    sent_day INTEGER,                           -- Date: header field as written, ordinal, for SENTBEFORE SENTON SENTSINCE
    subject_key TEXT NOT NULL,                  -- sort keys (RFC 5256 §2.1, §3)
    is_reply INTEGER NOT NULL,                  -- the subject is one of a reply or forward (RFC 5256 §3)
    from_key TEXT NOT NULL,
    to_key TEXT NOT NULL,
    cc_key TEXT NOT NULL,
    message_id TEXT NOT NULL,                   -- thread keys (RFC 5256 §3)
    refs TEXT NOT NULL,                         -- separated by spaces
    thread_id TEXT NOT NULL,                    -- THREADID (RFC 8474 §5.2)
    preview TEXT NOT NULL                       -- PREVIEW (RFC 8970 §3)
) STRICT;
CREATE INDEX content_outside ON content (digest) WHERE outside = 1;

-- The octets, apart from content so that scans do not touch them. The header comes first and can be read alone.
CREATE TABLE octets (
    content INTEGER PRIMARY KEY,
    header BLOB,                                -- up to and with the empty line; NULL when that is very long and outside
    text BLOB                                   -- the rest; NULL when it is outside
) STRICT;
