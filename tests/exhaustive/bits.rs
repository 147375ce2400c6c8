//! Every bit of every piece turned over, every byte lost, every byte doubled, in the four dialects.

use madoguchi::cat::dialect::layout::Layout;

use crate::counter::{Blow, Kind, SHIPPED, Strike};
use crate::judge::{Clean, Tally, hold_true};

/// Of so many places the ordinary run takes one; prime, so that every bit of a byte and every kind of piece has its turn.
const PART: usize = 11;

/// Whether this place is walked.
fn is_walked(place: usize) -> bool {
    place.is_multiple_of(PART) || std::env::var_os("EXHAUSTIVE").is_some_and(|what| what == "all")
}

/// No place of any piece of any operation may make the counter say what is not so; `blows` are the ways one piece may arrive.
fn walk(name: &str, kind: &Kind, blows: fn(&[u8]) -> Vec<Vec<u8>>) {
    let (places, tally, untrue) = walked(kind, blows);
    let name = format!("{name}, {}, of {places}", kind.name);
    hold_true(&name, &tally, &untrue);
}

/// How many places there are, how those that were walked ended, and what was untrue.
fn walked(kind: &Kind, blows: fn(&[u8]) -> Vec<Vec<u8>>) -> (usize, Tally, Vec<String>) {
    let mut tally = Tally::default();
    let mut untrue = Vec::new();
    let mut place = 0;
    for clean in Clean::all(kind) {
        for (at, piece) in clean.pieces.iter().enumerate() {
            for bytes in blows(&piece.bytes) {
                place += 1;
                if !is_walked(place) {
                    continue;
                }
                let blow = Blow::Becomes(bytes);
                match clean.struck(kind, Strike { at, blow }) {
                    Ok(end) => tally.add(end),
                    Err(told) => untrue.push(told),
                }
            }
        }
    }
    (place, tally, untrue)
}

fn flipped(bytes: &[u8]) -> Vec<Vec<u8>> {
    (0..bytes.len() * 8)
        .map(|bit| {
            let mut bytes = bytes.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        })
        .collect()
}

fn without_one(bytes: &[u8]) -> Vec<Vec<u8>> {
    (0..bytes.len())
        .map(|at| {
            let mut bytes = bytes.to_vec();
            bytes.remove(at);
            bytes
        })
        .collect()
}

fn with_one_doubled(bytes: &[u8]) -> Vec<Vec<u8>> {
    (0..bytes.len())
        .map(|at| {
            let mut bytes = bytes.to_vec();
            bytes.insert(at, bytes[at]);
            bytes
        })
        .collect()
}

#[test]
fn no_bit_turned_over_books_what_the_terminal_did_not_in_open_cat() {
    walk("bits turned over", &SHIPPED[0], flipped);
}

#[test]
fn no_bit_turned_over_books_what_the_terminal_did_not_in_transbank() {
    walk("bits turned over", &SHIPPED[1], flipped);
}

#[test]
fn no_bit_turned_over_books_what_the_terminal_did_not_in_ecr17() {
    walk("bits turned over", &SHIPPED[2], flipped);
}

#[test]
fn no_bit_turned_over_books_what_the_terminal_did_not_in_concert() {
    walk("bits turned over", &SHIPPED[3], flipped);
}

#[test]
fn no_byte_lost_books_what_the_terminal_did_not() {
    for kind in SHIPPED.iter() {
        walk("bytes lost", kind, without_one);
    }
}

#[test]
fn no_byte_doubled_books_what_the_terminal_did_not() {
    for kind in SHIPPED.iter() {
        walk("bytes doubled", kind, with_one_doubled);
    }
}

/// The walk has teeth: without the check of the line it finds approvals that the books do not hold.
#[test]
fn without_its_check_the_open_dialect_is_caught() {
    let file = Layout::shipped_file("open-cat").expect("it is shipped");
    let unchecked = r#"handshake = "enquiry"
start = "STX"
end = "ETX"
block_end = "ETB"
check = { kind = "none" }"#;
    let file = file.replace("kind = \"basic_mode\"", unchecked);
    let mut kind = SHIPPED[0].clone();
    kind.layout = Layout::parse("unchecked", &file).expect("it can be used");
    let (_, _, untrue) = walked(&kind, flipped);
    let other_facts = |told: &&String| told.contains("other facts");
    assert!(untrue.iter().filter(other_facts).count() > 10);
}
