-- 0007: who rang it up stands beside what moved on a card.
--
-- The report of one person reads it where it adds up: fetched from the sale of each movement it would take ten years' rows one by one. What
-- moved is laid out anew from rows that are there; no entry is read or moved.
DROP TRIGGER movement_is_of_a_settled_sale;
ALTER TABLE movement RENAME TO movement_before;

-- One for each sale with a card that is settled; what went back is negative.
CREATE TABLE movement (
    group_id      INTEGER NOT NULL REFERENCES movement_group (id),
    business_date TEXT    NOT NULL,
    slip_number   INTEGER NOT NULL REFERENCES sale (slip_number),
    amount        INTEGER NOT NULL CHECK (amount <> 0),
    operator_code TEXT    NOT NULL,
    PRIMARY KEY (group_id, business_date, slip_number)
) STRICT, WITHOUT ROWID;

INSERT INTO movement (group_id, business_date, slip_number, amount, operator_code)
    SELECT group_id, movement_before.business_date, slip_number, amount, sale.operator_code
    FROM movement_before JOIN sale USING (slip_number)
    ORDER BY 1, 2, 3;
DROP TABLE movement_before;

CREATE TRIGGER movement_is_never_changed BEFORE UPDATE ON movement
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a movement is never changed'); END;
CREATE TRIGGER movement_is_never_taken_away BEFORE DELETE ON movement
BEGIN SELECT RAISE(ABORT, 'the books are append-only: a movement is never taken away'); END;
CREATE TRIGGER movement_is_of_a_settled_sale BEFORE INSERT ON movement
BEGIN
    SELECT RAISE(ABORT, 'a movement belongs to a sale that is settled')
    WHERE NOT EXISTS (
        SELECT 1 FROM sale LEFT JOIN settlement USING (slip_number)
        WHERE sale.slip_number = NEW.slip_number AND sale.business_date = NEW.business_date AND sale.operator_code = NEW.operator_code
          AND (settlement.state = 'settled' OR (sale.cat IS NULL AND sale.hand_model IS NULL)));
END;
