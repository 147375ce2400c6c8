//! `[orca.tender]`: which 入金方法 of the receipt computer stands for cash and for each card company.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use crate::domain::reflection::Method;

/// The most digits of an Ic_Code.
const DIGITS_MAX: usize = 2;
/// The key that is no card company's.
const CASH: &str = "cash";

/// What can be wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenderFault {
    /// A code that is not one or two digits.
    NoCode,
    /// The key is neither cash nor the code of a card company.
    NoSuchCard,
}

impl super::check::Desk<'_> {
    pub(super) fn tender_codes(
        &mut self,
        raw: BTreeMap<String, Spanned<String>>,
        cards: &BTreeSet<String>,
    ) -> BTreeMap<Method, String> {
        let mut codes = BTreeMap::new();
        for (key, code) in raw {
            let method = if key == CASH {
                Method::Cash
            } else if cards.contains(&key) {
                Method::Card(key)
            } else {
                self.refuse(code.span(), TenderFault::NoSuchCard.into());
                continue;
            };
            let digits = code.get_ref();
            let sound = (1..=DIGITS_MAX).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit());
            if !sound {
                self.refuse(code.span(), TenderFault::NoCode.into());
                continue;
            }
            codes.insert(method, code.into_inner());
        }
        codes
    }
}
