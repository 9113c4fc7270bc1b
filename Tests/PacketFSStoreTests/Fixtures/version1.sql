-- A database of version 1, with one peer.
CREATE TABLE identity (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    party BLOB NOT NULL CHECK (length(party) = 16)
);
CREATE TABLE peers (
    party BLOB PRIMARY KEY CHECK (length(party) = 16),
    name TEXT NOT NULL UNIQUE,
    own BLOB NOT NULL CHECK (length(own) = 16),
    vault TEXT NOT NULL,
    address TEXT,
    suite INTEGER NOT NULL,
    requiresPostQuantum INTEGER NOT NULL,
    createdAt INTEGER NOT NULL,
    maxSessions INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE grants (
    party BLOB NOT NULL REFERENCES peers ON DELETE CASCADE,
    position INTEGER NOT NULL,
    root TEXT NOT NULL,
    verbs INTEGER NOT NULL,
    PRIMARY KEY (party, position)
) WITHOUT ROWID;
CREATE TABLE logs (
    id INTEGER PRIMARY KEY,
    peer BLOB NOT NULL REFERENCES peers ON DELETE CASCADE,
    role INTEGER NOT NULL,
    log BLOB NOT NULL CHECK (length(log) = 16),
    next INTEGER NOT NULL,
    UNIQUE (peer, role)
);
CREATE TABLE extents (
    log INTEGER NOT NULL REFERENCES logs ON DELETE CASCADE,
    address INTEGER NOT NULL,
    length INTEGER NOT NULL CHECK (length > 0),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    state INTEGER NOT NULL,
    transfer BLOB,
    firstPath BLOB NOT NULL,
    lastPath BLOB NOT NULL,
    learnedAt INTEGER NOT NULL,
    PRIMARY KEY (log, address)
) WITHOUT ROWID;
CREATE TABLE transfers (
    ordinal INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    peer BLOB NOT NULL REFERENCES peers ON DELETE CASCADE,
    role INTEGER NOT NULL,
    destination TEXT NOT NULL,
    root TEXT NOT NULL,
    startedAt INTEGER NOT NULL,
    manifest BLOB NOT NULL,
    statKeys BLOB NOT NULL
);
CREATE INDEX transfersOfPeer ON transfers (peer, role, destination);
CREATE TABLE snapshots (
    ordinal INTEGER PRIMARY KEY,
    peer BLOB NOT NULL REFERENCES peers ON DELETE CASCADE,
    role INTEGER NOT NULL,
    destination TEXT NOT NULL,
    snapshot BLOB NOT NULL,
    UNIQUE (peer, role, destination)
);
INSERT INTO identity (id, party) VALUES (1, x'09090909090909090909090909090909');
INSERT INTO peers (party, name, own, vault, address, suite, requiresPostQuantum, createdAt, maxSessions) VALUES (
    x'01010101010101010101010101010101', 'peer1', x'65656565656565656565656565656565',
    'file:01010101010101010101010101010101.seed', NULL, 1, 1, 1, 4);
PRAGMA application_id = 0x506b4653;
PRAGMA user_version = 1;
