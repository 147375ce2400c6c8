-- 0002: taking back, work by hand, tasks, and the card report.
--
-- No entry is read, copied or moved. The new kinds of entries change two CHECKs of `entry`, which are words of the schema and say nothing about
-- how a row is kept; so the words are changed, as SQLite documents it for CHECKs, and ten years of entries stay where they are, byte for byte.
-- What the words are afterwards is compared before the commit.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
    '''shown'', ''reissued'', ''audit'')',
    '''shown'', ''reissued'', ''audit'', ''by_hand'', ''step'', ''booked'', ''explained'', ''printed'', ''terminal_day_closed'')'),
    '(slip_number IS NULL) = (kind = ''audit'')',
    '(slip_number IS NULL) = (kind IN (''audit'', ''terminal_day_closed''))')
WHERE type = 'table' AND name = 'entry';
PRAGMA writable_schema = RESET;

-- Made by hand: at which terminal, and on which port where it has one. A part pays a part of its bill. A sale can be the corrected bill of an undo.
-- What they may hold is said by a trigger below: a CHECK on a new column would read every sale of ten years once for each.
ALTER TABLE sale ADD COLUMN hand_model TEXT;
ALTER TABLE sale ADD COLUMN hand_cat TEXT;
ALTER TABLE sale ADD COLUMN part INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sale ADD COLUMN replaces INTEGER REFERENCES sale (slip_number);

CREATE INDEX sale_by_hand_cat ON sale (hand_cat, slip_number) WHERE hand_cat IS NOT NULL;
CREATE INDEX sale_by_hand_model ON sale (hand_model, slip_number) WHERE hand_model IS NOT NULL;
CREATE INDEX sale_by_replaced ON sale (replaces) WHERE replaces IS NOT NULL;

-- Work by hand whose slip was booked before the terminal's was known. It is paid unless it is released later.
CREATE TABLE booking (
    slip_number INTEGER PRIMARY KEY REFERENCES sale (slip_number),
    entry_id    INTEGER NOT NULL REFERENCES entry (id)
) STRICT;

-- 日計 at a terminal.
CREATE TABLE terminal_day (
    cat      TEXT    NOT NULL CHECK (cat IN ('cat1', 'cat2')),
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    PRIMARY KEY (cat, entry_id)
) STRICT, WITHOUT ROWID;

-- What is not finished. A task that is open again is a new row.
CREATE TABLE task (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL CHECK (kind IN ('hand', 'part_paid', 'correction')),
    slip_number INTEGER NOT NULL REFERENCES sale (slip_number),
    entry_id    INTEGER NOT NULL REFERENCES entry (id)
) STRICT;

CREATE INDEX task_by_slip ON task (slip_number, kind, id);

-- Every task before `oldest_open` is closed: so open tasks are found without looking at ten years of closed ones.
CREATE TABLE task_closed (
    task_id     INTEGER PRIMARY KEY REFERENCES task (id),
    entry_id    INTEGER NOT NULL REFERENCES entry (id),
    oldest_open INTEGER NOT NULL
) STRICT;

CREATE INDEX task_closed_by_oldest_open ON task_closed (oldest_open);

-- クレジット利用履歴: what moved on cards, in groups that the report adds up. Few groups; in a group in order of days.
CREATE TABLE movement_group (
    id         INTEGER PRIMARY KEY,
    card_id    INTEGER NOT NULL REFERENCES card (id),
    class_used INTEGER,
    link       TEXT    NOT NULL CHECK (link IN ('linked', 'manual', 'none')),
    kind       TEXT    NOT NULL CHECK (kind IN ('sale', 'void', 'refund'))
) STRICT;

CREATE UNIQUE INDEX movement_group_once ON movement_group (card_id, coalesce(class_used, -1), link, kind);

-- One for each sale with a card that is settled; what went back is negative.
CREATE TABLE movement (
    group_id      INTEGER NOT NULL REFERENCES movement_group (id),
    business_date TEXT    NOT NULL,
    slip_number   INTEGER NOT NULL REFERENCES sale (slip_number),
    amount        INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (group_id, business_date, slip_number)
) STRICT, WITHOUT ROWID;

INSERT INTO movement_group (card_id, class_used, link, kind)
    SELECT DISTINCT tender.card_id, settlement.card_class_used, tender.link, sale.kind
    FROM sale JOIN tender USING (slip_number) LEFT JOIN settlement USING (slip_number)
    WHERE tender.card_id IS NOT NULL AND (sale.cat IS NULL OR settlement.state = 'settled')
    ORDER BY 1, 2, 3, 4;
INSERT INTO movement (group_id, business_date, slip_number, amount)
    SELECT movement_group.id, sale.business_date, sale.slip_number,
           CASE sale.kind WHEN 'sale' THEN tender.amount ELSE -tender.amount END
    FROM sale JOIN tender USING (slip_number) LEFT JOIN settlement USING (slip_number)
    JOIN movement_group ON movement_group.card_id = tender.card_id
        AND coalesce(movement_group.class_used, -1) = coalesce(settlement.card_class_used, -1)
        AND movement_group.link = tender.link AND movement_group.kind = sale.kind
    WHERE tender.card_id IS NOT NULL AND (sale.cat IS NULL OR settlement.state = 'settled')
    ORDER BY 1, 2, 3;

-- Nothing is changed and nothing is taken away.
CREATE TRIGGER booking_is_never_changed BEFORE UPDATE ON booking
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a booking is never changed'); END;
CREATE TRIGGER booking_is_never_taken_away BEFORE DELETE ON booking
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a booking is never taken away'); END;
CREATE TRIGGER terminal_day_is_never_changed BEFORE UPDATE ON terminal_day
BEGIN SELECT RAISE(ABORT, 'the books are append-only: the close of a day is never changed'); END;
CREATE TRIGGER terminal_day_is_never_taken_away BEFORE DELETE ON terminal_day
BEGIN SELECT RAISE(ABORT, 'the books are append-only: the close of a day is never taken away'); END;
CREATE TRIGGER task_is_never_changed BEFORE UPDATE ON task
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a task is never changed'); END;
CREATE TRIGGER task_is_never_taken_away BEFORE DELETE ON task
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a task is never taken away'); END;
CREATE TRIGGER task_closed_is_never_changed BEFORE UPDATE ON task_closed
BEGIN SELECT RAISE(ABORT, 'the books are append-only: the end of a task is never changed'); END;
CREATE TRIGGER task_closed_is_never_taken_away BEFORE DELETE ON task_closed
BEGIN SELECT RAISE(ABORT, 'the books are append-only: the end of a task is never taken away'); END;
CREATE TRIGGER movement_group_is_never_changed BEFORE UPDATE ON movement_group
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a group of movements is never changed'); END;
CREATE TRIGGER movement_group_is_never_taken_away BEFORE DELETE ON movement_group
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a group of movements is never taken away'); END;
CREATE TRIGGER movement_is_never_changed BEFORE UPDATE ON movement
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a movement is never changed'); END;
CREATE TRIGGER movement_is_never_taken_away BEFORE DELETE ON movement
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a movement is never taken away'); END;

-- A slip is opened once.
DROP TRIGGER entry_opens_a_new_slip;
CREATE TRIGGER entry_opens_a_new_slip BEFORE INSERT ON entry
WHEN NEW.kind IN ('sold', 'pending', 'by_hand')
BEGIN
    SELECT RAISE(ABORT, 'a slip number is used once')
    WHERE EXISTS (SELECT 1 FROM entry WHERE slip_number = NEW.slip_number);
END;

-- A sale that went to a terminal, over the link or by hand, and has no outcome is the only one that takes these.
DROP TRIGGER entry_follows_an_open_sale;
CREATE TRIGGER entry_follows_an_open_sale BEFORE INSERT ON entry
WHEN NEW.kind IN ('sent', 'outcome_unknown', 'parked', 'posted', 'released', 'booked')
BEGIN
    SELECT RAISE(ABORT, 'only a sale that was written for a terminal takes this entry')
    WHERE NOT EXISTS (
        SELECT 1 FROM sale WHERE slip_number = NEW.slip_number
          AND CASE WHEN NEW.kind IN ('posted', 'released') THEN cat IS NOT NULL OR hand_model IS NOT NULL
                   WHEN NEW.kind = 'booked' THEN hand_model IS NOT NULL
                   ELSE cat IS NOT NULL END);
    SELECT RAISE(ABORT, 'a sale that has its outcome takes no other')
    WHERE EXISTS (SELECT 1 FROM settlement WHERE slip_number = NEW.slip_number);
    SELECT RAISE(ABORT, 'a sale is sent once, before anything is heard of it')
    WHERE NEW.kind NOT IN ('released', 'booked')
      AND EXISTS (SELECT 1 FROM sale WHERE slip_number = NEW.slip_number AND cat IS NOT NULL)
      AND (NEW.kind = 'sent') = EXISTS (
        SELECT 1 FROM entry WHERE slip_number = NEW.slip_number AND kind = 'sent');
    SELECT RAISE(ABORT, 'work by hand is booked once')
    WHERE NEW.kind = 'booked' AND EXISTS (SELECT 1 FROM booking WHERE slip_number = NEW.slip_number);
END;

DROP TRIGGER entry_follows_an_outcome;
CREATE TRIGGER entry_follows_an_outcome BEFORE INSERT ON entry
WHEN NEW.kind IN ('shown', 'reissued')
BEGIN
    SELECT RAISE(ABORT, 'only a sale that has its outcome takes this entry')
    WHERE NOT EXISTS (SELECT 1 FROM sale WHERE slip_number = NEW.slip_number AND cat IS NULL AND hand_model IS NULL)
      AND NOT EXISTS (SELECT 1 FROM settlement WHERE slip_number = NEW.slip_number);
END;

CREATE TRIGGER entry_follows_a_slip BEFORE INSERT ON entry
WHEN NEW.kind IN ('step', 'explained', 'printed')
BEGIN
    SELECT RAISE(ABORT, 'only a slip that was opened takes this entry')
    WHERE NOT EXISTS (SELECT 1 FROM sale WHERE slip_number = NEW.slip_number);
END;

-- One unresolved sale over the link per terminal. Work by hand is in nobody's way.
DROP TRIGGER sale_waits_for_its_terminal;
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
          AND kind = CASE WHEN NEW.cat IS NOT NULL THEN 'pending' WHEN NEW.hand_model IS NOT NULL THEN 'by_hand' ELSE 'sold' END);
    SELECT RAISE(ABORT, 'practice and live are never mixed')
    WHERE NEW.practice <> (NEW.slip_number >= 90000001);
END;

CREATE TRIGGER sale_is_made_one_way BEFORE INSERT ON sale
BEGIN
    SELECT RAISE(ABORT, 'a sale goes over the link or is made by hand')
    WHERE (NEW.hand_model IS NOT NULL AND NEW.cat IS NOT NULL)
       OR (NEW.hand_cat IS NOT NULL AND (NEW.hand_model IS NULL OR NEW.hand_cat NOT IN ('cat1', 'cat2')));
    SELECT RAISE(ABORT, 'a sale is a part of its bill or is not')
    WHERE NEW.part NOT IN (0, 1);
END;

-- What is taken back was paid, and goes back once.
CREATE TRIGGER sale_is_taken_back_once BEFORE INSERT ON sale
WHEN NEW.original_slip IS NOT NULL OR NEW.kind <> 'sale'
BEGIN
    SELECT RAISE(ABORT, 'what takes back names what it takes back')
    WHERE (NEW.original_slip IS NULL) <> (NEW.kind = 'sale');
    SELECT RAISE(ABORT, 'only a sale that is paid is taken back')
    WHERE NOT EXISTS (
        SELECT 1 FROM sale AS original LEFT JOIN settlement USING (slip_number)
        WHERE original.slip_number = NEW.original_slip AND original.kind = 'sale'
          AND (settlement.state = 'settled' OR (original.cat IS NULL AND original.hand_model IS NULL)));
    SELECT RAISE(ABORT, 'this sale is being taken back already')
    WHERE EXISTS (
        SELECT 1 FROM sale AS other LEFT JOIN settlement USING (slip_number)
        WHERE other.original_slip = NEW.original_slip AND settlement.state IS NULL
          AND (other.cat IS NOT NULL OR other.hand_model IS NOT NULL));
    SELECT RAISE(ABORT, 'more would be given back than was paid')
    WHERE NEW.total + (
        SELECT coalesce(sum(other.total), 0) FROM sale AS other LEFT JOIN settlement USING (slip_number)
        WHERE other.original_slip = NEW.original_slip
          AND (settlement.state = 'settled' OR (other.cat IS NULL AND other.hand_model IS NULL))
    ) > (SELECT total FROM sale WHERE slip_number = NEW.original_slip);
    SELECT RAISE(ABORT, 'a void takes the whole sale back')
    WHERE NEW.kind = 'void' AND NEW.total <> (SELECT total FROM sale WHERE slip_number = NEW.original_slip);
END;

-- A corrected bill is rung up once: by one sale, or by the parts of one.
CREATE TRIGGER sale_corrects_once BEFORE INSERT ON sale
WHEN NEW.replaces IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'only a sale corrects an undo that is done')
    WHERE NEW.kind <> 'sale' OR NOT EXISTS (
        SELECT 1 FROM sale AS undo LEFT JOIN settlement USING (slip_number)
        WHERE undo.slip_number = NEW.replaces AND undo.kind <> 'sale'
          AND (settlement.state = 'settled' OR (undo.cat IS NULL AND undo.hand_model IS NULL)));
    SELECT RAISE(ABORT, 'the corrected bill is rung up already')
    WHERE EXISTS (
        SELECT 1 FROM sale AS other LEFT JOIN settlement USING (slip_number)
        WHERE other.replaces = NEW.replaces AND coalesce(settlement.state, 'settled') = 'settled'
          AND NOT (NEW.part = 1 AND other.part = 1 AND NEW.order_number = coalesce(other.order_number, other.slip_number)));
END;

CREATE TRIGGER booking_belongs_to_its_entry BEFORE INSERT ON booking
BEGIN
    SELECT RAISE(ABORT, 'a booking belongs to the entry that tells it')
    WHERE NOT EXISTS (
        SELECT 1 FROM entry WHERE id = NEW.entry_id AND slip_number = NEW.slip_number AND kind = 'booked');
END;

CREATE TRIGGER terminal_day_belongs_to_its_entry BEFORE INSERT ON terminal_day
BEGIN
    SELECT RAISE(ABORT, 'the close of a day belongs to the entry that tells it')
    WHERE NOT EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry_id AND kind = 'terminal_day_closed');
END;

CREATE TRIGGER task_is_opened_once BEFORE INSERT ON task
BEGIN
    SELECT RAISE(ABORT, 'a task takes the number after the newest task')
    WHERE NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM task);
    SELECT RAISE(ABORT, 'a task belongs to the newest entry')
    WHERE NEW.entry_id IS NOT (SELECT max(id) FROM entry);
    SELECT RAISE(ABORT, 'this task is open already')
    WHERE EXISTS (
        SELECT 1 FROM task AS other WHERE other.slip_number = NEW.slip_number AND other.kind = NEW.kind
          AND NOT EXISTS (SELECT 1 FROM task_closed WHERE task_id = other.id));
END;

CREATE TRIGGER task_is_closed_once BEFORE INSERT ON task_closed
BEGIN
    SELECT RAISE(ABORT, 'a task is closed once')
    WHERE EXISTS (SELECT 1 FROM task_closed WHERE task_id = NEW.task_id);
    SELECT RAISE(ABORT, 'the end of a task belongs to the newest entry')
    WHERE NEW.entry_id IS NOT (SELECT max(id) FROM entry);
    SELECT RAISE(ABORT, 'an open task is never left behind')
    WHERE NEW.oldest_open > (SELECT coalesce(max(id), 0) + 1 FROM task)
       OR EXISTS (
        SELECT 1 FROM task WHERE id >= coalesce((SELECT max(oldest_open) FROM task_closed), 1)
          AND id < NEW.oldest_open AND id <> NEW.task_id
          AND NOT EXISTS (SELECT 1 FROM task_closed WHERE task_id = task.id));
END;

CREATE TRIGGER movement_is_of_a_settled_sale BEFORE INSERT ON movement
BEGIN
    SELECT RAISE(ABORT, 'a movement belongs to a sale that is settled')
    WHERE NOT EXISTS (
        SELECT 1 FROM sale LEFT JOIN settlement USING (slip_number)
        WHERE sale.slip_number = NEW.slip_number AND sale.business_date = NEW.business_date
          AND (settlement.state = 'settled' OR (sale.cat IS NULL AND sale.hand_model IS NULL)));
END;
