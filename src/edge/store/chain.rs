//! The hash chain over entries: what is hashed, in which order, so that no two rows can ever look the same.

use sha2::{Digest, Sha256};

use super::BooksKind;

/// The only way of hashing so far.
pub(super) const HASH_VERSION: i64 = 1;

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// Everything of an entry that its hash covers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link<'a> {
    /// Gapless from 1.
    pub(super) id: i64,
    /// Unix milliseconds.
    pub(super) recorded_at_ms: i64,
    /// Minutes east of UTC.
    pub(super) offset_minutes: i64,
    /// YYYY-MM-DD.
    pub(super) business_date: &'a str,
    /// The word of the entry.
    pub(super) kind: &'a str,
    /// Our slip, where the entry speaks of one.
    pub(super) slip: Option<i64>,
    /// The entry as JSON.
    pub(super) body: &'a str,
}

/// What stands in for the hash before the first entry: it binds the chain to its kind of books.
pub(super) fn genesis(kind: BooksKind) -> Hash {
    let mut hasher = Sha256::new();
    field(&mut hasher, b"madoguchi books");
    number(&mut hasher, HASH_VERSION);
    number(&mut hasher, i64::from(kind.application_id()));
    field(&mut hasher, kind.word().as_bytes());
    hasher.finalize().into()
}

/// The hash of an entry. Each field is its length (8 bytes, big endian) and its bytes; numbers are 8 bytes, big endian;
/// a missing slip is a field of no bytes. The encoding is frozen: a change is a new version.
pub(super) fn hash(link: &Link<'_>, previous: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    number(&mut hasher, HASH_VERSION);
    number(&mut hasher, link.id);
    number(&mut hasher, link.recorded_at_ms);
    number(&mut hasher, link.offset_minutes);
    field(&mut hasher, link.business_date.as_bytes());
    field(&mut hasher, link.kind.as_bytes());
    match link.slip {
        Some(slip) => number(&mut hasher, slip),
        None => field(&mut hasher, b""),
    }
    field(&mut hasher, link.body.as_bytes());
    field(&mut hasher, previous);
    hasher.finalize().into()
}

/// A hash as people compare it.
pub(super) fn hex(hash: &Hash) -> String {
    use std::fmt::Write;
    hash.iter().fold(String::with_capacity(64), |mut text, b| {
        write!(text, "{b:02x}").expect("writing to a string cannot fail");
        text
    })
}

fn field(hasher: &mut Sha256, bytes: &[u8]) {
    let length = u64::try_from(bytes.len()).expect("a length fits 64 bits");
    hasher.update(length.to_be_bytes());
    hasher.update(bytes);
}

fn number(hasher: &mut Sha256, number: i64) {
    field(hasher, &number.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link<'static> {
        Link {
            id: 1,
            recorded_at_ms: 1_763_701_927_123,
            offset_minutes: 540,
            business_date: "2025-11-21",
            kind: "shown",
            slip: Some(7),
            body: r#"{"entry":"shown","slip":7}"#,
        }
    }

    #[test]
    fn the_encoding_is_frozen() {
        assert_eq!(hex(&genesis(BooksKind::Live)), GOLDEN_LIVE);
        assert_eq!(hex(&genesis(BooksKind::Practice)), GOLDEN_PRACTICE);
        assert_eq!(hex(&hash(&link(), &genesis(BooksKind::Live))), GOLDEN_ENTRY);
    }

    #[test]
    fn every_field_changes_the_hash() {
        let previous = genesis(BooksKind::Live);
        let plain = hash(&link(), &previous);
        for other in [
            Link { id: 2, ..link() },
            Link {
                recorded_at_ms: 1,
                ..link()
            },
            Link {
                offset_minutes: 0,
                ..link()
            },
            Link {
                business_date: "2025-11-22",
                ..link()
            },
            Link {
                kind: "sent",
                ..link()
            },
            Link {
                slip: None,
                ..link()
            },
            Link {
                slip: Some(8),
                ..link()
            },
            Link {
                body: "{}",
                ..link()
            },
            // The border between two fields is part of what is hashed.
            Link {
                kind: "shown{",
                body: r#""entry":"shown","slip":7}"#,
                ..link()
            },
        ] {
            assert_ne!(hash(&other, &previous), plain, "{other:?}");
        }
        assert_ne!(hash(&link(), &plain), plain);
    }

    // Computed once by another implementation of the same words.
    const GOLDEN_LIVE: &str = "15735289c94c3700acf126e0bb82a732e4d6723c8c70aff965acc6890ed7d3a1";
    const GOLDEN_PRACTICE: &str =
        "4b746be36c041c4e9d13208a9e58cae79c8157420df167e6a4f1076e4547cc6b";
    const GOLDEN_ENTRY: &str = "3f0f2ad78bf4105e5c98fa1174602b4fbcc81b49ee5d9cde32e567151b97cb06";
}
