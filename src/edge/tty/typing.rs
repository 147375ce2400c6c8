//! Runs of characters: composed, told apart into typing and scanner bursts, handed on in order.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;
use unicode_segmentation::UnicodeSegmentation;

use crate::app::key::{Input, Key, KeyPress};
use crate::domain::barcode::framing::{Framing, Suffix};
use crate::domain::text::{fold_width, strip_unsafe};

/// More bytes than this, and it is not one scan.
const RUN_BYTES_MAX: usize = 512;
/// So many digits at this speed are a code even where the scanner did not end it: no amount has as many.
const BARE_DIGITS_MIN: usize = 12;
/// After so many characters at this speed a key that comes between them does not end the run.
const BURST_SIGNS: usize = 4;
/// A person presses no more keys while a scanner sends.
const PARKED_MAX: usize = 4;

/// Holds a run of characters until it is known whether it is a scan.
#[derive(Debug)]
pub(super) struct Typing {
    run: String,
    /// Keys that came between the characters of a run, each with how many bytes of it stood before.
    parked: Vec<(usize, KeyPress)>,
    /// When the last character of the run came, mono ms.
    at_ms: u64,
    /// How the scanner sends.
    framing: Framing,
    /// The run grew past any scan; what follows without a pause is no scan either.
    overgrown: bool,
}

impl Typing {
    pub(super) fn new(framing: Framing) -> Typing {
        Typing {
            run: String::new(),
            parked: Vec::new(),
            at_ms: 0,
            framing,
            overgrown: false,
        }
    }

    /// A character.
    pub(super) fn text(&mut self, character: char, now_ms: u64, out: &mut Vec<Input>) {
        if now_ms > self.at_ms.saturating_add(self.framing.gap_ms) {
            self.paused(out);
            self.overgrown = false;
        }
        self.run.push(character);
        self.at_ms = now_ms;
        if self.run.len() >= RUN_BYTES_MAX {
            self.flush(out);
            self.overgrown = true;
        }
    }

    /// The beginning of a character: the run goes on.
    pub(super) fn go_on(&mut self, now_ms: u64) {
        self.at_ms = now_ms;
    }

    /// A key that is not text: it closes the run, or came between its characters.
    pub(super) fn key(&mut self, press: KeyPress, now_ms: u64, out: &mut Vec<Input>) {
        if let Key::Ctrl(letter @ 'a'..='z') = press.key {
            let control = char::from(letter as u8 - b'a' + 1);
            if self.framing.begins_with_control(control) {
                self.text(control, now_ms, out);
                return;
            }
        }
        if self.closes(press.key) {
            if self.scan(out) {
                return;
            }
        } else if self.framing.gap_ms > 0
            && self.parked.len() < PARKED_MAX
            && !self.overgrown
            && self.run.chars().count() >= BURST_SIGNS
            && fold_width(&self.run).is_ascii()
        {
            self.parked.push((self.run.len(), press));
            return;
        }
        self.flush(out);
        self.overgrown = false;
        out.push(Input::Key(press));
    }

    fn closes(&self, key: Key) -> bool {
        match self.framing.suffix {
            Suffix::Any => matches!(key, Key::Enter | Key::Tab),
            Suffix::Cr | Suffix::Lf => key == Key::Enter,
            Suffix::Tab => key == Key::Tab,
            Suffix::None => false,
        }
    }

    /// The run as one scan, where it is one. Keys that came between its characters were pressed before it was whole, and go first.
    fn scan(&mut self, out: &mut Vec<Input>) -> bool {
        let folded = fold_width(&self.run);
        if self.overgrown || !folded.is_ascii() {
            return false;
        }
        let Some((before, code)) = self.framing.cut(&folded) else {
            return false;
        };
        // Composition aside a folded character stands for one character.
        let typed = before.chars().count();
        let code = code.to_owned();
        let at = self.run.char_indices().nth(typed).map_or(0, |(at, _)| at);
        let run = std::mem::take(&mut self.run);
        hand_on(&run[..at], out);
        let parked = std::mem::take(&mut self.parked);
        out.extend(parked.into_iter().map(|(_, press)| Input::Key(press)));
        out.push(Input::Scan(code));
        true
    }

    /// The pause behind the run: it was typed, unless it can only be a scanner that sends no end, or whose end is lost.
    pub(super) fn paused(&mut self, out: &mut Vec<Input>) {
        let first = self.run.chars().next();
        // A key that is held down comes as fast.
        let one_key = self.run.chars().all(|c| Some(c) == first);
        let bare = self.framing.gap_ms > 0
            && self.run.len() >= BARE_DIGITS_MIN
            && self.run.bytes().all(|byte| byte.is_ascii_digit());
        let ended = self.framing.suffix == Suffix::None && self.run.is_ascii();
        if !one_key && (bare || ended) && self.scan(out) {
            return;
        }
        self.flush(out);
    }

    /// The read is over: what no later byte can change goes out now.
    pub(super) fn settle(&mut self, out: &mut Vec<Input>) {
        let may_become_a_scan = !self.overgrown && fold_width(&self.run).is_ascii();
        if self.framing.gap_ms == 0 || !(may_become_a_scan || may_compose(&self.run)) {
            self.flush(out);
        }
    }

    /// When the run is over for certain, mono ms.
    pub(super) fn deadline(&self) -> Option<u64> {
        (!self.run.is_empty()).then(|| self.at_ms.saturating_add(self.framing.gap_ms))
    }

    /// Whatever is held was typed.
    pub(super) fn flush(&mut self, out: &mut Vec<Input>) {
        let run = std::mem::take(&mut self.run);
        let mut from = 0;
        for (at, press) in std::mem::take(&mut self.parked) {
            hand_on(&run[from..at], out);
            from = at;
            out.push(Input::Key(press));
        }
        hand_on(&run[from..], out);
    }
}

/// Characters as keys.
fn hand_on(run: &str, out: &mut Vec<Input>) {
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
