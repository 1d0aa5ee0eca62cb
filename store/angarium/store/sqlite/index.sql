-- The search index of one user: worked out from the mail database, to be thrown away and made again at any time.

CREATE TABLE progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    indexed INTEGER NOT NULL                    -- contents up to this number have been seen to
) STRICT;
INSERT INTO progress VALUES (1, 0);

-- Decoded and folded text, to verify hits in.
CREATE TABLE text (
    content INTEGER PRIMARY KEY,
    headers TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- Contents that are looked at octet by octet instead: too long, or with a header that its text does not tell all of.
CREATE TABLE unindexed (content INTEGER PRIMARY KEY) STRICT;

-- Which texts have which three characters in a row. No positions are kept (detail=column): hits are verified anyway,
-- and the index is a third of the size.
CREATE VIRTUAL TABLE trigrams USING fts5 (
    headers, body, content='text', content_rowid='content', detail='column', columnsize=0, tokenize='trigram case_sensitive 1'
);
