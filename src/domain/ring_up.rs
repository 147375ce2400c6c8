//! What a receptionist types to ring up one line: an amount, `name amount`, `amount x quantity`, with a tax suffix.

use serde::{Deserialize, Serialize};

use super::money::{AmountError, Yen};
use super::sale::{Line, TaxClass};
use super::text::{fold_width, holds_card_number, strip_unsafe};

/// The most characters a line's name keeps.
pub const NAME_MAX: usize = 40;
/// The largest quantity of a line.
pub const QUANTITY_MAX: u32 = 999;

/// Why a typed line was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum LineError {
    /// The amount is missing or wrong.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// The quantity is not 1 to 999.
    #[error("the quantity is not a number from 1 to 999")]
    Quantity,
    /// The name is too long.
    #[error("the name is longer than {NAME_MAX} characters")]
    NameTooLong,
    /// It passes for a card number, and no card number enters the console.
    #[error("this looks like a card number")]
    CardNumber,
}

/// Read one typed line. `tax` applies where no suffix says otherwise: `課`/`t` taxable, `軽`/`r` at the reduced rate, `非`/`n` non-taxable, set off by a space or
/// at the amount.
///
/// Shapes: `3430`, `診断書 2200`, `1100 x 2`, `湿布 550x3 課`.
pub fn parse_line(typed: &str, tax: TaxClass, limit: Yen) -> Result<Line, LineError> {
    if holds_card_number(typed) {
        return Err(LineError::CardNumber);
    }
    let folded = strip_unsafe(&fold_width(typed)).replace('×', "x");
    let (rest, tax) = split_tax(folded.trim(), tax);
    let (rest, quantity) = split_quantity(rest)?;
    let (name, amount) = match rest.rsplit_once(char::is_whitespace) {
        Some((name, amount)) => (name.trim(), amount),
        None => ("", rest),
    };
    if name.chars().count() > NAME_MAX {
        return Err(LineError::NameTooLong);
    }
    ends_in_a_name(name)?;
    let unit = Yen::parse(amount, limit)?;
    let line = Line {
        name: name.split_whitespace().collect::<Vec<_>>().join(" "),
        unit,
        quantity,
        tax,
    };
    match line.amount() {
        Some(amount) if amount <= limit => Ok(line),
        _ => Err(LineError::Amount(AmountError::TooLarge)),
    }
}

/// Before the amount stands a name or nothing. Another number there is an amount with a space in it, or a quantity without its `x`:
/// which of the two numbers was meant cannot be told, and a bill is not guessed.
fn ends_in_a_name(name: &str) -> Result<(), LineError> {
    let number = |word: &str| {
        let word = word.trim_start_matches('¥').trim_end_matches('円');
        word.contains(|c: char| c.is_ascii_digit())
            && word
                .bytes()
                .all(|b| b.is_ascii_digit() || b"x*,.-".contains(&b))
    };
    let mut words = name.split_whitespace().rev();
    match words.next() {
        Some("x" | "X" | "*") if words.next().is_none_or(number) => Err(LineError::Quantity),
        Some(last) if number(last) => Err(LineError::Amount(AmountError::NotANumber)),
        _ => Ok(()),
    }
}

/// Take a tax suffix off the end.
fn split_tax(text: &str, otherwise: TaxClass) -> (&str, TaxClass) {
    for (suffix, tax) in [
        ("非課税", TaxClass::NonTaxable),
        ("軽減", TaxClass::Reduced),
        ("課税", TaxClass::Taxable),
        ("非", TaxClass::NonTaxable),
        ("課", TaxClass::Taxable),
        ("軽", TaxClass::Reduced),
        ("n", TaxClass::NonTaxable),
        ("N", TaxClass::NonTaxable),
        ("t", TaxClass::Taxable),
        ("T", TaxClass::Taxable),
        ("r", TaxClass::Reduced),
        ("R", TaxClass::Reduced),
    ] {
        if let Some(rest) = text.strip_suffix(suffix) {
            // `t` is a suffix only after a number or a space: a name may end in any letter.
            let before = rest.chars().next_back();
            if before.is_some_and(|c| c.is_ascii_digit() || c == '円' || c.is_whitespace()) {
                return (rest.trim_end(), tax);
            }
        }
    }
    (text, otherwise)
}

/// Take `x 3`, `*3` or `3個` off the end; one where there is none.
fn split_quantity(text: &str) -> Result<(&str, u32), LineError> {
    let Some(at) = text.rfind(['x', 'X', '*']) else {
        return Ok((text, 1));
    };
    let (amount, tail) = text.split_at(at);
    let quantity = tail[1..].trim().trim_end_matches('個');
    let amount = amount.trim_end();
    let amount_ends_in_digit = amount.ends_with(|c: char| c.is_ascii_digit() || c == '円');
    // `Box 550` is a name with an x in it; `550 x` and `550 x two` are quantities gone wrong.
    if !amount_ends_in_digit {
        return Ok((text, 1));
    }
    match quantity.parse::<u32>() {
        Ok(n) if (1..=QUANTITY_MAX).contains(&n) => Ok((amount, n)),
        _ => Err(LineError::Quantity),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Yen = Yen::new(9_999_999);

    #[test]
    fn the_ways_to_type_a_line() {
        use TaxClass::{NonTaxable, Reduced, Taxable};
        for (typed, name, unit, quantity, tax) in [
            ("3430", "", 3_430, 1, NonTaxable),
            ("３４３０", "", 3_430, 1, NonTaxable),
            ("診断書 2200 課", "診断書", 2_200, 1, Taxable),
            ("診断書　２，２００", "診断書", 2_200, 1, NonTaxable),
            ("1100 x 2", "", 1_100, 2, NonTaxable),
            ("1100×2", "", 1_100, 2, NonTaxable),
            ("湿布 550x3課税", "湿布", 550, 3, Taxable),
            ("湿布 550 x 3個 t", "湿布", 550, 3, Taxable),
            ("550t", "", 550, 1, Taxable),
            ("550n", "", 550, 1, NonTaxable),
            ("経口補水液 216x2軽減", "経口補水液", 216, 2, Reduced),
            ("経口補水液 216 軽", "経口補水液", 216, 1, Reduced),
            ("216r", "", 216, 1, Reduced),
            ("Bar 216", "Bar", 216, 1, NonTaxable),
            ("Box 550", "Box", 550, 1, NonTaxable),
            ("Box x 550", "Box x", 550, 1, NonTaxable),
            ("処置1 550", "処置1", 550, 1, NonTaxable),
            ("ガーゼ 10枚 550", "ガーゼ 10枚", 550, 1, NonTaxable),
            (
                "再診料 ・ 処置  1,230円",
                "再診料 ・ 処置",
                1_230,
                1,
                NonTaxable,
            ),
        ] {
            let line = parse_line(typed, NonTaxable, LIMIT);
            let expected = Line {
                name: name.into(),
                unit: Yen::new(unit),
                quantity,
                tax,
            };
            assert_eq!(line, Ok(expected), "{typed}");
        }
    }

    #[test]
    fn the_tax_key_holds_where_no_suffix_speaks() {
        let line = parse_line("550", TaxClass::Taxable, LIMIT).expect("a line");
        assert_eq!(line.tax, TaxClass::Taxable);
    }

    #[test]
    fn lines_that_cannot_be_rung_up_say_why() {
        for (typed, reason) in [
            ("", LineError::Amount(AmountError::Empty)),
            ("診断書", LineError::Amount(AmountError::NotANumber)),
            ("診断書 0", LineError::Amount(AmountError::Zero)),
            ("-500", LineError::Amount(AmountError::Negative)),
            ("1000000000000", LineError::Amount(AmountError::TooLarge)),
            ("5000000 x 3", LineError::Amount(AmountError::TooLarge)),
            ("100 x 0", LineError::Quantity),
            ("100 x 1000", LineError::Quantity),
            ("100 x", LineError::Quantity),
            ("100 x 2 x 3", LineError::Quantity),
            ("x 3", LineError::Quantity),
            ("3 430", LineError::Amount(AmountError::NotANumber)),
            ("1,100 2,200", LineError::Amount(AmountError::NotANumber)),
            ("診断書 1100 2", LineError::Amount(AmountError::NotANumber)),
            ("4111111111111111", LineError::CardNumber),
            (
                "あ い う え お か き く け こ さ し す せ そ た ち つ て と な に ぬ 1",
                LineError::NameTooLong,
            ),
        ] {
            assert_eq!(
                parse_line(typed, TaxClass::NonTaxable, LIMIT),
                Err(reason),
                "{typed}"
            );
        }
    }
}
