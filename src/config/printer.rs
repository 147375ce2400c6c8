//! `[printer]`: where the receipt printer is and what it can do.

use serde::Deserialize;
use toml::Spanned;

use super::port::PortAddress;
use crate::slip::charset::CodePage;
use crate::slip::escpos::Symbology;

/// The TCP port of receipt printers.
const TCP_PORT: &str = "9100";

/// The receipt printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printer {
    /// Where it is.
    pub place: PrinterPlace,
    /// 32, 42 or 48.
    pub columns: usize,
    /// Every slip by itself, or on F7 only.
    pub auto: bool,
    /// Which characters it has.
    pub code_page: CodePage,
    /// How it prints slip numbers for scanners.
    pub barcode: Symbology,
    /// A PBM picture, beside the config file where no folder is named.
    pub logo: Option<String>,
    /// True where it says how it is when it is asked.
    pub two_way: bool,
}

/// Where the receipt printer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrinterPlace {
    /// A serial port.
    Serial {
        /// Its name.
        path: String,
        /// Bits per second; 8 bits, no parity, 1 stop bit.
        baud: u32,
        /// Who holds whom back.
        flow: Flow,
    },
    /// The network.
    Tcp {
        /// Host name or address.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// A device file or a file.
    File(String),
}

/// How a serial printer says that it can take no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// Not at all.
    None,
    /// XON/XOFF.
    Software,
    /// By a wire (RTS/CTS).
    #[default]
    Hardware,
}

impl std::fmt::Display for PrinterPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PrinterPlace::Serial { path, baud, .. } => write!(f, "{path} ({baud})"),
            PrinterPlace::Tcp { host, port } => {
                let (host, port) = (host.clone(), *port);
                PortAddress::Tcp { host, port }.fmt(f)
            }
            PrinterPlace::File(path) => f.write_str(path),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPrinter {
    pub(super) kind: Spanned<RawKind>,
    pub(super) address: Option<Spanned<String>>,
    pub(super) path: Option<Spanned<String>>,
    pub(super) baud: Option<Spanned<i64>>,
    pub(super) flow: Option<Spanned<Flow>>,
    pub(super) columns: Option<Spanned<i64>>,
    pub(super) auto: Option<bool>,
    pub(super) code_page: Option<CodePage>,
    pub(super) barcode: Option<Spanned<RawBarcode>>,
    pub(super) logo: Option<Spanned<String>>,
    pub(super) two_way: Option<Spanned<bool>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawKind {
    Serial,
    Tcp,
    File,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawBarcode {
    Code128,
    Code39,
    None,
}

/// What can be wrong with the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrinterFault {
    /// A key that this kind of printer needs.
    Wants(&'static str, &'static str),
    /// A key that this kind of printer does not have.
    HasNo(&'static str, &'static str),
    /// Other columns than paper has.
    Columns,
    /// The bars do not fit this paper.
    TooWideForPaper,
}

impl RawKind {
    const fn word(self) -> &'static str {
        match self {
            RawKind::Serial => "serial",
            RawKind::Tcp => "tcp",
            RawKind::File => "file",
        }
    }
}

impl super::check::Desk<'_> {
    pub(super) fn printer(&mut self, raw: RawPrinter) -> Printer {
        let kind = *raw.kind.get_ref();
        let place = self.printer_place(&raw);
        let columns = raw.columns.as_ref().map_or(48, |columns| {
            let known = crate::slip::escpos::COLUMNS
                .into_iter()
                .find(|known| i64::try_from(*known) == Ok(*columns.get_ref()));
            known.unwrap_or_else(|| {
                self.refuse(columns.span(), PrinterFault::Columns.into());
                48
            })
        });
        let barcode = raw
            .barcode
            .map_or(Symbology::Code128, |barcode| match *barcode.get_ref() {
                RawBarcode::Code39 if columns < 42 => {
                    self.refuse(barcode.span(), PrinterFault::TooWideForPaper.into());
                    Symbology::Code39
                }
                RawBarcode::Code39 => Symbology::Code39,
                RawBarcode::Code128 => Symbology::Code128,
                RawBarcode::None => Symbology::None,
            });
        if kind == RawKind::File && raw.two_way.as_ref().is_some_and(|way| *way.get_ref()) {
            let fault = PrinterFault::HasNo(kind.word(), "two_way = true");
            self.refuse(raw.kind.span(), fault.into());
        }
        Printer {
            place,
            columns,
            auto: raw.auto.unwrap_or(true),
            code_page: raw.code_page.unwrap_or_default(),
            barcode,
            logo: raw.logo.map(|logo| self.text(logo, 255)),
            two_way: raw
                .two_way
                .map_or(kind != RawKind::File, Spanned::into_inner),
        }
    }

    fn printer_place(&mut self, raw: &RawPrinter) -> PrinterPlace {
        let kind = *raw.kind.get_ref();
        let span = raw.kind.span();
        let (needed, other, other_name) = match kind {
            RawKind::File => (&raw.path, &raw.address, "address"),
            RawKind::Serial | RawKind::Tcp => (&raw.address, &raw.path, "path"),
        };
        if let Some(other) = other {
            let fault = PrinterFault::HasNo(kind.word(), other_name);
            self.refuse(other.span(), fault.into());
        }
        if kind != RawKind::Serial {
            let baud = raw.baud.as_ref().map(Spanned::span);
            let flow = raw.flow.as_ref().map(Spanned::span);
            for (span, name) in [(baud, "baud"), (flow, "flow")] {
                if let Some(span) = span {
                    self.refuse(span, PrinterFault::HasNo(kind.word(), name).into());
                }
            }
        }
        let nowhere = PrinterPlace::File(String::new());
        let Some(needed) = needed else {
            let name = if kind == RawKind::File {
                "path"
            } else {
                "address"
            };
            self.refuse(span, PrinterFault::Wants(kind.word(), name).into());
            return nowhere;
        };
        let text = self.text(needed.clone(), 255);
        match kind {
            RawKind::File => PrinterPlace::File(text),
            RawKind::Serial => PrinterPlace::Serial {
                path: text,
                baud: raw
                    .baud
                    .clone()
                    .map_or(9_600, |baud| self.number(baud, 1_200, 921_600)),
                flow: raw
                    .flow
                    .as_ref()
                    .map_or(Flow::default(), |flow| *flow.get_ref()),
            },
            RawKind::Tcp => {
                let bare = text.strip_prefix("tcp://").unwrap_or(&text);
                let numbered = bare
                    .rsplit_once(':')
                    .is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
                let whole = if numbered {
                    format!("tcp://{bare}")
                } else {
                    format!("tcp://{bare}:{TCP_PORT}")
                };
                match whole.parse() {
                    Ok(PortAddress::Tcp { host, port }) => PrinterPlace::Tcp { host, port },
                    Ok(PortAddress::Serial(_)) => nowhere,
                    Err(reason) => {
                        let kind = super::problem::ProblemKind::Address(reason);
                        self.refuse(needed.span(), kind);
                        nowhere
                    }
                }
            }
        }
    }
}
