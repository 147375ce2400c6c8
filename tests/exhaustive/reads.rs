//! However bytes are cut into reads, the same is reported.

use crate::counter::{Blow, Counter, Kind, SHIPPED, Strike};
use crate::judge::Clean;

fn same(kind: &Kind, clean: &Clean, strike: Strike) {
    let told = format!("{} {:?} {strike:?}", kind.name, clean.operation);
    let mut counter = Counter::new(kind, clean.operation, Some(strike));
    let outcome = counter.play(clean.operation);
    assert_eq!(outcome, clean.outcome, "{told}");
    assert_eq!(counter.reported, clean.reported, "{told}");
}

#[test]
fn a_piece_that_comes_in_two_reads_says_the_same_wherever_it_is_cut() {
    let mut cases = 0;
    for kind in SHIPPED.iter() {
        for clean in Clean::all(kind) {
            for (at, piece) in clean.pieces.iter().enumerate() {
                for cut in 1..piece.bytes.len() {
                    let (head, tail) = piece.bytes.split_at(cut);
                    let blow = Blow::Reads(vec![head.to_vec(), tail.to_vec()]);
                    same(kind, &clean, Strike { at, blow });
                    cases += 1;
                }
            }
        }
    }
    println!("cut into two reads: {cases}");
    assert!(cases > 1_000);
}

#[test]
fn a_piece_that_comes_byte_by_byte_says_the_same() {
    for kind in SHIPPED.iter() {
        for clean in Clean::all(kind) {
            for (at, piece) in clean.pieces.iter().enumerate() {
                let reads = piece.bytes.iter().map(|byte| vec![*byte]).collect();
                let blow = Blow::Reads(reads);
                same(kind, &clean, Strike { at, blow });
            }
        }
    }
}

#[test]
fn a_piece_that_comes_in_one_read_with_the_next_says_the_same() {
    let mut glued = 0;
    for kind in SHIPPED.iter() {
        for clean in Clean::all(kind) {
            for at in 0..clean.pieces.len() {
                let blow = Blow::Glued;
                same(kind, &clean, Strike { at, blow });
                let next = clean.pieces.get(at + 1);
                glued += usize::from(next.is_some_and(|next| next.way == clean.pieces[at].way));
            }
        }
    }
    println!("glued to the next: {glued}");
    assert!(glued > 20);
}
