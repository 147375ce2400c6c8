//! From a slip's facts and its template to a sheet. What no template can leave out is put on here: the marks of practice at head and foot,
//! of a copy, and of a sale that is not settled; and what is at the reduced rate.

use chrono::{DateTime, FixedOffset};

use super::template::{Group, Kind, Piece, Template, Templates};
use super::values::{self, Values};
use super::{Line, Sheet, words};
use crate::domain::ledger::{Document, SaleState};
use crate::domain::paper::SlipFacts;
use crate::domain::sale::SaleKind;
use crate::domain::slip::SlipNumber;
use crate::domain::tax::TaxRates;
use crate::locale::{Locale, Text};

/// Who issues a slip.
#[derive(Debug, Clone, Copy)]
pub struct Issuer<'a> {
    /// Name and address lines.
    pub lines: &'a [String],
    /// 登録番号 of the invoice system.
    pub invoice_number: Option<&'a str>,
    /// Consumption tax.
    pub tax_rates: TaxRates,
}

/// When a slip is printed or shown, and in which words.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// When.
    pub at: DateTime<FixedOffset>,
    /// The language, and the words no site changes.
    pub locale: &'a Locale,
    /// The site's words.
    pub templates: &'a Templates,
}

/// The sheet of one paper of a slip.
pub fn compose(
    document: Document,
    facts: &SlipFacts,
    issuer: &Issuer<'_>,
    occasion: &Occasion<'_>,
) -> Sheet {
    let record = &facts.record;
    let locale = occasion.locale;
    let mut writer = Writer {
        sheet: Sheet::default(),
        slip: Some(record.slip),
        locale,
        group: &|group| values::of_group(group, facts, issuer, locale),
    };
    let practice = record.sale.practice || record.slip.is_practice();
    if practice {
        writer.practice();
    }
    match document {
        Document::Task => writer.banner('!', locale.text(Text::PaperTaskOnly).to_owned()),
        Document::Slip | Document::Reissue if record.state != SaleState::Settled => {
            let state = locale.text(words::state(record.state));
            let title = locale.fill(Text::ReceiptNotSettled, &[("state", state)]);
            writer.banner('!', title);
        }
        Document::Slip | Document::Reissue => {}
    }
    if document == Document::Reissue {
        let when = occasion.at.format("%Y-%m-%d %H:%M");
        let mark = format!("{} {when}", locale.text(Text::ReceiptReissued));
        writer.banner('=', mark);
    }
    let kind = match (document, record.sale.kind) {
        (Document::Task, _) => Kind::Task,
        (_, SaleKind::Void) => Kind::Cancel,
        (_, SaleKind::Refund) => Kind::Return,
        (_, SaleKind::Sale) if record.sale.part => Kind::Part,
        (_, SaleKind::Sale) => Kind::Sale,
    };
    let once = values::of_slip(facts, issuer, occasion);
    let template = occasion.templates.of(kind);
    writer.template(template, &once);
    if once.contains_key(values::REDUCED) && !template.names(values::REDUCED) {
        writer.reduced_rate(kind, &once);
    }
    if practice {
        writer.practice();
    }
    writer.sheet.lines.push(Line::Cut);
    writer.sheet
}

/// The sheet that shows what a printer can do.
pub fn test_sheet(
    practice: bool,
    (terminal, columns): (&str, usize),
    issuer: &Issuer<'_>,
    occasion: &Occasion<'_>,
) -> Sheet {
    let mut once = values::of_occasion(occasion);
    once.insert("terminal", terminal.to_owned());
    once.insert("columns", columns.to_string());
    let mut writer = Writer {
        sheet: Sheet::default(),
        slip: Some(SlipNumber::first(practice)),
        locale: occasion.locale,
        group: &|group| match group {
            Group::Shop => values::shop(issuer),
            _ => Vec::new(),
        },
    };
    if practice {
        writer.practice();
    }
    writer.template(occasion.templates.of(Kind::Test), &once);
    if practice {
        writer.practice();
    }
    writer.sheet.lines.push(Line::Cut);
    writer.sheet
}

/// A sheet being written.
struct Writer<'a> {
    sheet: Sheet,
    slip: Option<SlipNumber>,
    locale: &'a Locale,
    group: &'a dyn Fn(Group) -> Vec<Values>,
}

impl Writer<'_> {
    fn practice(&mut self) {
        let text = self.locale.text(Text::ReceiptPractice).to_owned();
        self.banner('*', text);
    }

    fn banner(&mut self, mark: char, text: String) {
        self.sheet.lines.push(Line::Banner { text, mark });
    }

    fn template(&mut self, template: &Template, once: &Values) {
        self.pieces(&template.pieces, &[once]);
    }

    /// A site's template may be older than the reduced rate. An invoice names each of its rates all the same.
    fn reduced_rate(&mut self, kind: Kind, once: &Values) {
        let shipped = Templates::shipped();
        for piece in &shipped.of(kind).pieces {
            if piece.names(&|name| name.starts_with(values::REDUCED)) {
                self.pieces(std::slice::from_ref(piece), &[once]);
            }
        }
    }

    /// `known` are the values in reach, the nearest first.
    fn pieces(&mut self, pieces: &[Piece], known: &[&Values]) {
        for piece in pieces {
            if let Piece::Each { group, pieces } = piece {
                for member in (self.group)(*group) {
                    let mut known = known.to_vec();
                    known.insert(0, &member);
                    self.pieces(pieces, &known);
                }
            } else if let Some(line) = self.line(piece, known) {
                self.sheet.lines.push(line);
            }
        }
    }

    /// `None` where a value is named that this slip does not have.
    fn line(&self, piece: &Piece, known: &[&Values]) -> Option<Line> {
        let language = self.locale.language();
        let fill = |words: &super::template::Words| filled(words.get(language), known);
        Some(match piece {
            Piece::Text { text, align, size } => Line::Text {
                text: fill(text)?,
                align: *align,
                size: *size,
            },
            Piece::Ends { left, right, size } => Line::Ends {
                left: fill(left)?,
                right: fill(right)?,
                size: *size,
            },
            Piece::Banner { text, mark } => Line::Banner {
                text: fill(text)?,
                mark: *mark,
            },
            Piece::Rule(mark) => Line::Rule(*mark),
            Piece::Feed(count) => Line::Feed(*count),
            Piece::Logo => Line::Logo,
            Piece::Barcode => Line::Barcode(self.slip?),
            Piece::Each { .. } => return None,
        })
    }
}

/// The text with its values; `{amount:10}` is padded to ten columns from the left.
fn filled(text: &str, known: &[&Values]) -> Option<String> {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        let (name, width) = name.split_once(':').unwrap_or((name, "0"));
        let value = known.iter().find_map(|values| values.get(name))?;
        let width: usize = width.parse().unwrap_or(0);
        done.push_str(before);
        done.push_str(&format!("{value:>width$}"));
        rest = after;
    }
    done.push_str(rest);
    Some(done)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::bill::Billed;
    use crate::domain::ledger::Entry;
    use crate::domain::money::Yen;
    use crate::domain::record::{SaleRecord, Stamp};
    use crate::domain::sale::{Operator, SaleDraft, TaxClass};
    use crate::domain::tender::Tender;
    use crate::domain::text::Language;
    use crate::slip::escpos::{Device, encode_sheet};
    use crate::slip::text;

    fn record(kind: SaleKind, part: bool, name: &str, practice: bool) -> SaleRecord {
        let amount = Yen::new(1_000);
        let sale = SaleDraft {
            kind,
            order: None,
            original: None,
            undo: None,
            part,
            bill: None,
            replaces: None,
            lines: vec![crate::domain::sale::Line {
                name: name.to_owned(),
                unit: amount,
                quantity: 1,
                tax: TaxClass::Taxable,
            }],
            tenders: vec![Tender::Cash {
                amount,
                received: amount,
            }],
            operator: Operator {
                code: "03".into(),
                name: "佐藤".into(),
            },
            terminal_code: "01".into(),
            practice,
        };
        let stamp = Stamp {
            at: "2026-11-21T14:32:00+09:00".parse().expect("a moment"),
            business_date: "2026-11-21".parse().expect("a date"),
        };
        let slip = SlipNumber::first(practice);
        let entry = Entry::Sold { slip, sale };
        let record = SaleRecord::fold([(stamp, &entry)]).expect("legal");
        record.expect("a sale")
    }

    #[test]
    fn only_what_was_rung_up_here_is_a_receipt() {
        let locale = Locale::shipped(Language::Ja).expect("shipped");
        let issuer = Issuer {
            lines: &[],
            invoice_number: None,
            tax_rates: TaxRates {
                standard: 10,
                reduced: 8,
            },
        };
        let templates = Templates::shipped();
        for (billed, part, headed) in [
            (false, false, "領収書"),
            (false, true, "領収書 (一部)"),
            (true, false, "お支払票"),
            (true, true, "お支払票 (一部)"),
        ] {
            let mut record = record(SaleKind::Sale, part, "診療費", false);
            record.sale.bill = billed.then(|| Billed {
                patient: None,
                name: None,
                shares: Vec::new(),
                code: Some("0200010010000".into()),
            });
            let occasion = Occasion {
                at: record.stamp.at,
                locale: &locale,
                templates: &templates,
            };
            let facts = SlipFacts::of(record);
            let sheet = compose(Document::Slip, &facts, &issuer, &occasion);
            let shown = text(&sheet, 48).join("\n");
            assert!(shown.contains(headed), "{headed}: {shown}");
            assert_eq!(shown.contains("領収書"), !billed, "{shown}");
            assert_eq!(shown.contains("診療費の領収証は別に"), billed, "{shown}");
        }
    }

    proptest! {
        #[test]
        fn every_practice_paper_says_so_at_head_and_foot_and_no_live_one_does(
            kind in prop_oneof![Just(SaleKind::Sale), Just(SaleKind::Void), Just(SaleKind::Refund)],
            document in prop_oneof![Just(Document::Slip), Just(Document::Reissue), Just(Document::Task)],
            settled in any::<bool>(),
            practice in any::<bool>(),
            part in any::<bool>(),
            name in ".{0,30}",
            site in any::<bool>(),
            columns in prop_oneof![Just(32_usize), Just(42), Just(48)],
            language in prop_oneof![Just(Language::Ja), Just(Language::En)],
        ) {
            let mut record = record(kind, part, &name, practice);
            if !settled {
                record.state = SaleState::Unknown;
            }
            let mut templates = Templates::shipped();
            if site {
                // A site that left everything out but one line.
                for kind in Kind::ALL {
                    let file = format!("{}.toml", kind.name());
                    templates.put(&file, "line = [ { rule = \"-\" } ]").expect("a template");
                }
            }
            let locale = Locale::shipped(language).expect("shipped");
            let lines = ["店".to_owned()];
            let issuer = Issuer { lines: &lines, invoice_number: None, tax_rates: TaxRates { standard: 10, reduced: 8 } };
            let at = record.stamp.at;
            let occasion = Occasion { at, locale: &locale, templates: &templates };
            let facts = SlipFacts::of(record);
            let sheet = compose(document, &facts, &issuer, &occasion);
            let shown = text(&sheet, columns);
            let mark = locale.text(Text::ReceiptPractice);
            prop_assert_eq!(shown[0].contains(mark), practice);
            prop_assert_eq!(shown.last().is_some_and(|line| line.contains(mark)), practice);
            let whole = shown.join("\n");
            prop_assert_eq!(whole.contains(mark), practice);
            prop_assert_eq!(
                whole.contains(locale.text(Text::ReceiptReissued)),
                document == Document::Reissue
            );
            let device = Device { columns, ..Device::default() };
            let bytes = encode_sheet(&sheet, &device).bytes;
            prop_assert!(bytes.ends_with(b"\x1dV\x42\x00"));
        }
    }
}
