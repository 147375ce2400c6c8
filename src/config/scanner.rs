//! `[scanner]`: how the bar code scanner is connected and how it sends.

use serde::Deserialize;
use toml::Spanned;

use crate::domain::barcode::framing::{Framing, GAP_MS, Suffix};

/// The bar code scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanner {
    /// How it is connected.
    pub place: ScannerPlace,
    /// How it sends.
    pub framing: Framing,
    /// True where no bill is taken without its patient.
    pub patient_required: bool,
}

/// How a scanner is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScannerPlace {
    /// It types like a keyboard.
    Keyboard,
    /// A serial port.
    Serial {
        /// Its name.
        port: String,
        /// Bits per second; 8 bits, no parity, 1 stop bit.
        baud: u32,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScanner {
    pub(super) kind: RawKind,
    pub(super) port: Option<Spanned<String>>,
    pub(super) baud: Option<Spanned<i64>>,
    pub(super) prefix: Option<Spanned<String>>,
    pub(super) suffix: Option<Suffix>,
    pub(super) gap_ms: Option<Spanned<i64>>,
    pub(super) min_length: Option<Spanned<i64>>,
    pub(super) patient_required: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawKind {
    Keyboard,
    Serial,
}

/// What can be wrong with the scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScannerFault {
    /// A serial scanner without its port.
    WantsPort,
    /// A port or a speed for one that types.
    HasNoPort,
    /// A prefix that is too long, or made of more than ASCII.
    Prefix,
}

impl super::check::Desk<'_> {
    pub(super) fn scanner(&mut self, raw: RawScanner) -> Scanner {
        let sample = match raw.kind {
            RawKind::Keyboard => Framing::typed(GAP_MS),
            RawKind::Serial => Framing::serial(),
        };
        let place = match raw.kind {
            RawKind::Keyboard => {
                let port = raw.port.as_ref().map(Spanned::span);
                let baud = raw.baud.as_ref().map(Spanned::span);
                for span in port.into_iter().chain(baud) {
                    self.refuse(span, ScannerFault::HasNoPort.into());
                }
                ScannerPlace::Keyboard
            }
            RawKind::Serial => {
                if raw.port.is_none() {
                    let at = self.section("[scanner]");
                    self.refuse(at, ScannerFault::WantsPort.into());
                }
                ScannerPlace::Serial {
                    port: raw
                        .port
                        .map_or_else(String::new, |port| self.text(port, 255)),
                    baud: raw
                        .baud
                        .map_or(9_600, |baud| self.number(baud, 300, 921_600)),
                }
            }
        };
        let prefix = raw.prefix.map_or_else(String::new, |prefix| {
            let text = prefix.get_ref().clone();
            if !text.is_ascii() || text.len() > 8 {
                self.refuse(prefix.span(), ScannerFault::Prefix.into());
            }
            text
        });
        Scanner {
            place,
            framing: Framing {
                prefix,
                suffix: raw.suffix.unwrap_or_default(),
                gap_ms: raw
                    .gap_ms
                    .map_or(sample.gap_ms, |gap| self.number(gap, 1, 200)),
                chars_min: raw
                    .min_length
                    .map_or(sample.chars_min, |min| self.number(min, 3, 40)),
            },
            patient_required: raw.patient_required.unwrap_or(false),
        }
    }
}
