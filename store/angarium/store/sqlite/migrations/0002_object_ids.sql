-- OBJECTID (RFC 8474): which thread a message id belongs to, and finding messages by EMAILID and THREADID.

-- Every message id ever met here, as a message's own or as one it refers to. Never changed: nor may a THREADID be (§5.2).
CREATE TABLE thread (
    message_id TEXT PRIMARY KEY,
    thread_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO thread SELECT message_id, thread_id FROM content WHERE message_id <> '' ORDER BY number;

CREATE INDEX content_digest ON content (digest);
DROP INDEX content_outside;
CREATE INDEX content_thread ON content (thread_id);
