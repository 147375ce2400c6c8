//! What a bill is paid with: cash, or one card of a card company, with the card class 金種 it belongs to.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::money::Yen;
use super::text::Bilingual;

/// カード区分: the code of a kind of card, out of an open table (`assets/card_classes.toml`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CardClass(pub u8);

impl CardClass {
    /// 1 電子マネー系: which e-money is chosen on the terminal.
    pub const ELECTRONIC_MONEY: CardClass = CardClass(1);
    /// 2 デビット系: which debit is chosen on the terminal.
    pub const DEBIT: CardClass = CardClass(2);
    /// 3 クレジット.
    pub const CREDIT: CardClass = CardClass(3);
    /// 30 クレ銀三面待ち: credit, 銀聯 and NFC touch at once; the answer says which it was.
    pub const TRIPLE_WAIT: CardClass = CardClass(30);
}

impl fmt::Display for CardClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a payment reached the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// The amount went over the link.
    Linked,
    /// A person typed it on the terminal 手動.
    Manual,
    /// No terminal is involved.
    None,
}

/// One part of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Tender {
    /// Cash, and how much of it the patient handed over.
    Cash {
        /// The part of the bill that cash pays.
        amount: Yen,
        /// What was handed over; the change is the difference.
        received: Yen,
    },
    /// One card of the card master.
    Card {
        /// Code of the card company in the card master.
        card: String,
        /// Its name when the sale was made.
        name: Bilingual,
        /// カード区分 asked for.
        card_class: CardClass,
        /// Its name when the sale was made.
        card_class_name: Bilingual,
        /// The amount sent to the terminal.
        amount: Yen,
        /// How it reached the terminal.
        link: LinkKind,
    },
}

impl Tender {
    /// The part of the bill this tender pays.
    pub fn amount(&self) -> Yen {
        match self {
            Tender::Cash { amount, .. } | Tender::Card { amount, .. } => *amount,
        }
    }

    /// お釣り: what goes back of the cash handed over; nothing for a card.
    pub fn change(&self) -> Yen {
        match self {
            Tender::Cash { amount, received } => received.checked_sub(*amount).unwrap_or(Yen::ZERO),
            Tender::Card { .. } => Yen::ZERO,
        }
    }
}

/// An account number as it may be kept: at most the first six and last four digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MaskedAccount(
    /// Digits and asterisks.
    Box<[u8]>,
);

/// The text was not an account number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an account number of at most 23 characters")]
pub struct NotAnAccount;

/// The most characters of an account number, filler included.
const ACCOUNT_MAX: usize = 23;

impl MaskedAccount {
    /// The only way in: whatever came, no more than six leading and four trailing digits stay.
    /// The flag is true where the sender had not masked enough itself.
    #[inline]
    pub fn mask(text: &str) -> Result<(MaskedAccount, bool), NotAnAccount> {
        let bare = text.trim();
        if bare.len() > ACCOUNT_MAX {
            return Err(NotAnAccount);
        }
        let mut symbols = Vec::with_capacity(bare.len());
        for byte in bare.bytes() {
            match byte {
                b'0'..=b'9' => symbols.push(byte),
                b'*' | b'X' | b'x' => symbols.push(b'*'),
                b'-' | b' ' => {}
                _ => return Err(NotAnAccount),
            }
        }
        // Filler alone is no number, and would be one that the books cannot read back.
        if symbols.is_empty() {
            return Err(NotAnAccount);
        }
        let keep_head = if symbols.len() >= 13 { 6 } else { 0 };
        let tail_from = symbols.len().saturating_sub(4);
        let hidden = symbols.get_mut(keep_head..tail_from).unwrap_or_default();
        let exposed = hidden.iter().any(|symbol| *symbol != b'*');
        hidden.fill(b'*');
        Ok((MaskedAccount(symbols.into()), exposed))
    }

    /// As kept.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits and asterisks are ASCII")
    }
}

impl fmt::Debug for MaskedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MaskedAccount")
            .field(&self.as_str())
            .finish()
    }
}

impl TryFrom<String> for MaskedAccount {
    type Error = NotAnAccount;

    fn try_from(text: String) -> Result<Self, NotAnAccount> {
        MaskedAccount::mask(&text).map(|(masked, _)| masked)
    }
}

impl From<MaskedAccount> for String {
    fn from(account: MaskedAccount) -> String {
        account.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_six_and_four_digits_are_kept() {
        for (text, kept, exposed) in [
            ("4111111111111111", "411111******1111", true),
            ("411111******1111", "411111******1111", false),
            ("************1111", "************1111", false),
            ("4111-11XX-XXXX-1111", "411111******1111", false),
            ("0461", "0461", false),
            ("123456789", "*****6789", true),
        ] {
            let (masked, was_exposed) = MaskedAccount::mask(text).expect("an account");
            assert_eq!(masked.as_str(), kept, "{text}");
            assert_eq!(was_exposed, exposed, "{text}");
        }
        for filler in ["", "-", "- -", "----"] {
            assert_eq!(MaskedAccount::mask(filler), Err(NotAnAccount), "{filler}");
        }
        assert_eq!(
            MaskedAccount::mask("4111111111111111=2512101"),
            Err(NotAnAccount)
        );
    }
}
