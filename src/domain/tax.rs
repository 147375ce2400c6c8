//! Consumption tax inside a bill (内税): what each rate applies to, and the tax in it, rounded once for each rate of one invoice.

use super::money::Yen;
use super::sale::{Line, TaxClass};

/// The rates of consumption tax, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxRates {
    /// 標準税率.
    pub standard: u32,
    /// 軽減税率.
    pub reduced: u32,
}

impl TaxRates {
    /// The rate inside the prices of a class; nothing where there is no tax.
    pub const fn of(self, class: TaxClass) -> u32 {
        match class {
            TaxClass::NonTaxable => 0,
            TaxClass::Taxable => self.standard,
            TaxClass::Reduced => self.reduced,
        }
    }
}

/// What of a bill is of one tax class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaxPart {
    /// The sum of its lines, tax included.
    pub amount: Yen,
    /// The tax inside it, rounded down to the yen.
    pub tax: Yen,
}

/// The part of the lines that is of one class; `None` where their sum does not fit. Lines are added up before the tax is taken out, so that
/// each rate is rounded once.
pub fn part(lines: &[Line], class: TaxClass, rates: TaxRates) -> Option<TaxPart> {
    let of_class = lines.iter().filter(|line| line.tax == class);
    let amount = of_class
        .map(Line::amount)
        .try_fold(Yen::ZERO, |sum, amount| sum.checked_add(amount?))?;
    Some(TaxPart {
        amount,
        tax: amount.tax_inside(rates.of(class)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sale::total;
    use TaxClass::{NonTaxable, Reduced, Taxable};

    const RATES: TaxRates = TaxRates {
        standard: 10,
        reduced: 8,
    };

    fn lines(of: &[(i64, u32, TaxClass)]) -> Vec<Line> {
        of.iter()
            .map(|(unit, quantity, tax)| Line {
                name: String::new(),
                unit: Yen::new(*unit),
                quantity: *quantity,
                tax: *tax,
            })
            .collect()
    }

    #[test]
    fn each_rate_is_rounded_once_for_all_of_its_lines() {
        for (bill, free, standard, reduced) in [
            (vec![(1_230, 1, NonTaxable)], 1_230, (0, 0), (0, 0)),
            (
                vec![(1_230, 1, NonTaxable), (1_100, 2, Taxable)],
                1_230,
                (2_200, 200),
                (0, 0),
            ),
            // 108 yen hold 8 yen at 8 %, 9 at 10 %.
            (vec![(108, 1, Reduced)], 0, (0, 0), (108, 8)),
            (vec![(108, 1, Taxable)], 0, (108, 9), (0, 0)),
            // Line by line it would be 0 + 0 + 0: rounded on the sum it is 2.
            (
                vec![(10, 1, Reduced), (10, 1, Reduced), (13, 1, Reduced)],
                0,
                (0, 0),
                (33, 2),
            ),
            (
                vec![
                    (150, 3, Reduced),
                    (980, 1, Taxable),
                    (500, 1, NonTaxable),
                    (149, 1, Reduced),
                ],
                500,
                (980, 89),
                (599, 44),
            ),
            (vec![], 0, (0, 0), (0, 0)),
        ] {
            let bill = lines(&bill);
            let of = |class| {
                let part = part(&bill, class, RATES).expect("it fits");
                (part.amount.get(), part.tax.get())
            };
            assert_eq!(of(NonTaxable), (free, 0));
            assert_eq!(of(Taxable), standard);
            assert_eq!(of(Reduced), reduced);
            let sum: i64 = TaxClass::ALL.map(|class| of(class).0).iter().sum();
            assert_eq!(
                total(&bill),
                Some(Yen::new(sum)),
                "every line is of one class"
            );
        }
    }

    #[test]
    fn a_sum_that_does_not_fit_is_no_part() {
        assert_eq!(
            part(&lines(&[(i64::MAX, 2, Reduced)]), Reduced, RATES),
            None
        );
    }

    #[test]
    fn the_books_keep_their_words_for_the_classes() {
        let word = |class| serde_json::to_string(&class).expect("a word");
        assert_eq!(word(NonTaxable), "\"non_taxable\"");
        assert_eq!(word(Taxable), "\"taxable\"");
        assert_eq!(word(Reduced), "\"reduced\"");
    }
}
