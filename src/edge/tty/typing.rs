//! Runs of characters: composed, told apart into typing and scanner bursts, handed on in order.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;
use unicode_segmentation::UnicodeSegmentation;

use crate::app::key::{Input, Key, KeyPress};
use crate::domain::text::strip_unsafe;

/// Fewer characters than this, and it may be fast fingers or one packet of typing; the shortest code a counter scans has eight.
const SCAN_CHARS_MIN: usize = 8;
/// More characters than this, and it is not one scan.
const RUN_CHARS_MAX: usize = 256;

/// Holds a run of characters until it is known whether a closing Enter makes it a scan.
#[derive(Debug)]
pub(super) struct Typing {
    run: String,
    /// When the last character of the run came, mono ms.
    at_ms: u64,
    /// The longest pause within a burst; 0 lets only what came in one read be a scan.
    gap_ms: u64,
    /// The run grew past any scan; what follows without a pause is no scan either.
    overgrown: bool,
}

impl Typing {
    pub(super) fn new(gap_ms: u64) -> Typing {
        Typing {
            run: String::new(),
            at_ms: 0,
            gap_ms,
            overgrown: false,
        }
    }

    /// A character.
    pub(super) fn text(&mut self, character: char, now_ms: u64, out: &mut Vec<Input>) {
        if now_ms > self.at_ms.saturating_add(self.gap_ms) {
            self.flush(out);
            self.overgrown = false;
        }
        self.run.push(character);
        self.at_ms = now_ms;
        if self.run.len() >= RUN_CHARS_MAX {
            self.flush(out);
            self.overgrown = true;
        }
    }

    /// The beginning of a character: the run goes on.
    pub(super) fn go_on(&mut self, now_ms: u64) {
        self.at_ms = now_ms;
    }

    /// A key that is not text: it closes the run.
    pub(super) fn key(&mut self, press: KeyPress, out: &mut Vec<Input>) {
        let closes = matches!(press.key, Key::Enter | Key::Tab);
        if closes && !self.overgrown && self.run.is_ascii() && self.run.len() >= SCAN_CHARS_MIN {
            out.push(Input::Scan(std::mem::take(&mut self.run)));
            return;
        }
        self.flush(out);
        self.overgrown = false;
        out.push(Input::Key(press));
    }

    /// The read is over: what no later byte can change goes out now.
    pub(super) fn settle(&mut self, out: &mut Vec<Input>) {
        let may_become_a_scan = self.run.is_ascii() && !self.overgrown;
        if self.gap_ms == 0 || !(may_become_a_scan || may_compose(&self.run)) {
            self.flush(out);
        }
    }

    /// When the run is typing for certain, mono ms.
    pub(super) fn deadline(&self) -> Option<u64> {
        (!self.run.is_empty()).then(|| self.at_ms.saturating_add(self.gap_ms))
    }

    /// Whatever is held was typed.
    pub(super) fn flush(&mut self, out: &mut Vec<Input>) {
        let run = std::mem::take(&mut self.run);
        for cluster in run.graphemes(true) {
            let mut bytes = cluster.as_bytes().to_vec();
            for character in composed(cluster).chars() {
                out.push(Input::Key(KeyPress {
                    key: Key::Char(character),
                    bytes: std::mem::take(&mut bytes),
                }));
            }
        }
    }
}

/// Text as the console keeps it: composed, half-width kana made whole, unsafe characters gone.
///
/// What was not ASCII never becomes ASCII here: `①` or `１` may be folded by a field, but never answers for the key `1`.
pub(super) fn even(text: &str) -> String {
    text.graphemes(true).map(composed).collect()
}

fn composed(cluster: &str) -> String {
    if cluster.is_ascii() {
        return strip_unsafe(cluster);
    }
    let folded: String = cluster.nfkc().collect();
    if folded.chars().any(|character| character.is_ascii()) {
        return strip_unsafe(&cluster.nfc().collect::<String>());
    }
    strip_unsafe(&folded)
}

/// True where a voiced mark that comes next would change the last character.
fn may_compose(run: &str) -> bool {
    run.chars()
        .next_back()
        .and_then(|last| last.nfkc().last())
        .is_some_and(|last| {
            compose(last, '\u{3099}').is_some() || compose(last, '\u{309A}').is_some()
        })
}
