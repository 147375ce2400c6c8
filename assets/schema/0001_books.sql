-- 0001: the books. Entries are the truth; sale, tender, card and settlement are what the entries say, laid out to be found.
-- Every table is append-only: triggers refuse UPDATE and DELETE, and `recursive_triggers` makes REPLACE count as a DELETE.

-- One row of the ledger. The hash covers every column but itself; the previous hash makes the rows a chain.
CREATE TABLE entry (
    id             INTEGER PRIMARY KEY,
    recorded_at_ms INTEGER NOT NULL,
    offset_minutes INTEGER NOT NULL CHECK (offset_minutes BETWEEN -1439 AND 1439),
    business_date  TEXT    NOT NULL CHECK (business_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    kind           TEXT    NOT NULL CHECK (kind IN (
                       'sold', 'pending', 'sent', 'outcome_unknown', 'posted', 'released', 'parked',
                       'shown', 'reissued', 'audit')),
    slip_number    INTEGER CHECK ((slip_number IS NULL) = (kind = 'audit')),
    body           TEXT    NOT NULL,
    hash_version   INTEGER NOT NULL CHECK (hash_version = 1),
    previous_hash  BLOB    NOT NULL CHECK (length(previous_hash) = 32),
    hash           BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX entry_by_slip ON entry (slip_number) WHERE slip_number IS NOT NULL;

-- One slip of ours. A sale that goes to a terminal has a cat, a model and a sequence number; another has none of them.
CREATE TABLE sale (
    slip_number     INTEGER PRIMARY KEY CHECK (slip_number BETWEEN 1 AND 99999999),
    entry_id        INTEGER NOT NULL REFERENCES entry (id),
    recorded_at_ms  INTEGER NOT NULL,
    offset_minutes  INTEGER NOT NULL,
    business_date   TEXT    NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('sale', 'void', 'refund')),
    total           INTEGER NOT NULL CHECK (total BETWEEN 1 AND 99999999),
    order_number    INTEGER REFERENCES sale (slip_number),
    original_slip   INTEGER REFERENCES sale (slip_number),
    operator_code   TEXT    NOT NULL,
    terminal_code   TEXT    NOT NULL,
    practice        INTEGER NOT NULL CHECK (practice IN (0, 1)),
    cat             TEXT    CHECK (cat IN ('cat1', 'cat2')),
    model           TEXT    CHECK ((model IS NULL) = (cat IS NULL)),
    sequence_number INTEGER CHECK (sequence_number BETWEEN 1 AND 999999),
    CHECK ((sequence_number IS NULL) = (cat IS NULL))
) STRICT;

CREATE INDEX sale_by_date ON sale (business_date, slip_number);
CREATE INDEX sale_by_total ON sale (total, slip_number);
CREATE INDEX sale_by_cat ON sale (cat, slip_number) WHERE cat IS NOT NULL;
CREATE INDEX sale_by_order ON sale (order_number) WHERE order_number IS NOT NULL;
CREATE INDEX sale_by_original ON sale (original_slip) WHERE original_slip IS NOT NULL;
CREATE INDEX sale_by_sequence ON sale (sequence_number, slip_number) WHERE sequence_number IS NOT NULL;
-- A number speaks for one attempt of one counter on one day.
CREATE UNIQUE INDEX sale_sequence_once ON sale (terminal_code, business_date, sequence_number) WHERE cat IS NOT NULL;

-- A card of the card master under the names it had when it was used. Few rows, so that a search by name reads few rows.
CREATE TABLE card (
    id         INTEGER PRIMARY KEY,
    code       TEXT    NOT NULL,
    name_ja    TEXT    NOT NULL,
    name_en    TEXT    NOT NULL,
    class_code INTEGER NOT NULL,
    class_ja   TEXT    NOT NULL,
    class_en   TEXT    NOT NULL,
    UNIQUE (code, name_ja, name_en, class_code, class_ja, class_en)
) STRICT;

-- What a sale is paid with.
CREATE TABLE tender (
    slip_number INTEGER NOT NULL REFERENCES sale (slip_number),
    ordinal     INTEGER NOT NULL CHECK (ordinal >= 1),
    kind        TEXT    NOT NULL CHECK (kind IN ('cash', 'card')),
    amount      INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 99999999),
    received    INTEGER CHECK ((received IS NOT NULL) = (kind = 'cash')),
    card_id     INTEGER REFERENCES card (id) CHECK ((card_id IS NOT NULL) = (kind = 'card')),
    link        TEXT    CHECK (link IN ('linked', 'manual', 'none')),
    PRIMARY KEY (slip_number, ordinal),
    CHECK ((link IS NOT NULL) = (kind = 'card'))
) STRICT, WITHOUT ROWID;

CREATE INDEX tender_by_card ON tender (card_id, slip_number) WHERE card_id IS NOT NULL;
CREATE INDEX tender_by_card_amount ON tender (amount, slip_number) WHERE card_id IS NOT NULL;

-- The outcome of a sale that went to a terminal. The primary key is what makes "resolved once" true.
CREATE TABLE settlement (
    slip_number          INTEGER PRIMARY KEY REFERENCES sale (slip_number),
    entry_id             INTEGER NOT NULL REFERENCES entry (id),
    state                TEXT    NOT NULL CHECK (state IN ('settled', 'declined', 'cancelled')),
    terminal_slip_number TEXT,
    approval_code        TEXT,
    card_class_used      INTEGER
) STRICT;

-- People leave out leading zeros.
CREATE INDEX settlement_by_terminal_slip ON settlement (ltrim(terminal_slip_number, '0'), slip_number)
    WHERE terminal_slip_number IS NOT NULL;

-- Nothing is changed and nothing is taken away.
CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the books are append-only: an entry is never changed'); END;
CREATE TRIGGER entry_is_never_taken_away BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the books are append-only: an entry is never taken away'); END;
CREATE TRIGGER sale_is_never_changed BEFORE UPDATE ON sale
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a sale is never changed'); END;
CREATE TRIGGER sale_is_never_taken_away BEFORE DELETE ON sale
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a sale is never taken away'); END;
CREATE TRIGGER card_is_never_changed BEFORE UPDATE ON card
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a card name is never changed'); END;
CREATE TRIGGER card_is_never_taken_away BEFORE DELETE ON card
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a card name is never taken away'); END;
CREATE TRIGGER tender_is_never_changed BEFORE UPDATE ON tender
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a tender is never changed'); END;
CREATE TRIGGER tender_is_never_taken_away BEFORE DELETE ON tender
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a tender is never taken away'); END;
CREATE TRIGGER settlement_is_never_changed BEFORE UPDATE ON settlement
BEGIN SELECT RAISE(ABORT, 'the books are append-only: an outcome is never changed'); END;
CREATE TRIGGER settlement_is_never_taken_away BEFORE DELETE ON settlement
BEGIN SELECT RAISE(ABORT, 'the books are append-only: an outcome is never taken away'); END;

-- The chain grows at its end only.
CREATE TRIGGER entry_continues_the_chain BEFORE INSERT ON entry
BEGIN
    SELECT RAISE(ABORT, 'an entry takes the number after the newest entry')
    WHERE NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM entry);
    SELECT RAISE(ABORT, 'an entry carries the hash of the entry before it')
    WHERE NEW.id > 1 AND NEW.previous_hash IS NOT (SELECT hash FROM entry WHERE id = NEW.id - 1);
END;

-- A slip is opened once.
CREATE TRIGGER entry_opens_a_new_slip BEFORE INSERT ON entry
WHEN NEW.kind IN ('sold', 'pending')
BEGIN
    SELECT RAISE(ABORT, 'a slip number is used once')
    WHERE EXISTS (SELECT 1 FROM entry WHERE slip_number = NEW.slip_number);
END;

-- A sale that went to a terminal and has no outcome is the only one that takes these.
CREATE TRIGGER entry_follows_an_open_sale BEFORE INSERT ON entry
WHEN NEW.kind IN ('sent', 'outcome_unknown', 'parked', 'posted', 'released')
BEGIN
    SELECT RAISE(ABORT, 'only a sale that was written for a terminal takes this entry')
    WHERE NOT EXISTS (SELECT 1 FROM sale WHERE slip_number = NEW.slip_number AND cat IS NOT NULL);
    SELECT RAISE(ABORT, 'a sale that has its outcome takes no other')
    WHERE EXISTS (SELECT 1 FROM settlement WHERE slip_number = NEW.slip_number);
    SELECT RAISE(ABORT, 'a sale is sent once, before anything is heard of it')
    WHERE NEW.kind <> 'released' AND (NEW.kind = 'sent') = EXISTS (
        SELECT 1 FROM entry WHERE slip_number = NEW.slip_number AND kind = 'sent');
END;

CREATE TRIGGER entry_follows_an_outcome BEFORE INSERT ON entry
WHEN NEW.kind IN ('shown', 'reissued')
BEGIN
    SELECT RAISE(ABORT, 'only a sale that has its outcome takes this entry')
    WHERE NOT EXISTS (SELECT 1 FROM sale WHERE slip_number = NEW.slip_number AND cat IS NULL)
      AND NOT EXISTS (SELECT 1 FROM settlement WHERE slip_number = NEW.slip_number);
END;

-- One unresolved sale per terminal: so the newest sale of a terminal is the only one that can be unresolved.
CREATE TRIGGER sale_waits_for_its_terminal BEFORE INSERT ON sale
BEGIN
    SELECT RAISE(ABORT, 'a slip takes a number after the newest slip')
    WHERE NEW.slip_number <= (SELECT coalesce(max(slip_number), 0) FROM sale);
    SELECT RAISE(ABORT, 'a sale on this terminal has no outcome yet')
    WHERE (SELECT max(slip_number) FROM sale WHERE cat = NEW.cat) > coalesce((
        SELECT slip_number FROM settlement
        WHERE slip_number = (SELECT max(slip_number) FROM sale WHERE cat = NEW.cat)), 0);
    SELECT RAISE(ABORT, 'a sale belongs to the entry that opened it')
    WHERE NOT EXISTS (
        SELECT 1 FROM entry WHERE id = NEW.entry_id AND slip_number = NEW.slip_number
          AND kind = CASE WHEN NEW.cat IS NULL THEN 'sold' ELSE 'pending' END);
END;

CREATE TRIGGER tender_comes_with_its_sale BEFORE INSERT ON tender
BEGIN
    SELECT RAISE(ABORT, 'tenders are written with their sale')
    WHERE NEW.slip_number IS NOT (SELECT max(slip_number) FROM sale);
END;

CREATE TRIGGER settlement_belongs_to_its_entry BEFORE INSERT ON settlement
BEGIN
    SELECT RAISE(ABORT, 'an outcome belongs to the entry that tells it')
    WHERE NOT EXISTS (
        SELECT 1 FROM entry WHERE id = NEW.entry_id AND slip_number = NEW.slip_number
          AND kind = CASE WHEN NEW.state = 'settled' THEN 'posted' ELSE 'released' END);
    SELECT RAISE(ABORT, 'a sale is resolved once')
    WHERE EXISTS (SELECT 1 FROM settlement WHERE slip_number = NEW.slip_number);
END;
