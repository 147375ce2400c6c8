//! Our receipt as lines of text for a paper of any width: what the screen shows and what a printer would print.

use super::text::{fit, pad_left, two_ends, width, wrap};
use super::words;
use crate::app::settings::Shop;
use crate::domain::ledger::SaleState;
use crate::domain::record::SaleRecord;
use crate::domain::sale::{Line, SaleKind, taxable_part};
use crate::domain::tender::Tender;
use crate::locale::{Locale, Text};

/// The narrowest paper: 58 mm rolls print 32 columns.
pub const NARROWEST: usize = 32;

/// The lines of a receipt, each at most `columns` wide (32 or more). `reissued` marks a copy issued again.
///
/// A sale that is not settled says in so many words that this is no receipt.
pub fn lines(
    record: &SaleRecord,
    shop: &Shop,
    locale: &Locale,
    reissued: bool,
    columns: usize,
) -> Vec<String> {
    let mut paper = Paper {
        locale,
        columns: columns.max(NARROWEST),
        lines: Vec::new(),
    };
    paper.head(record, shop, reissued);
    paper.rule();
    for line in &record.sale.lines {
        paper.line(line);
    }
    paper.rule();
    paper.totals(record, shop);
    paper.rule();
    paper.tenders(record);
    paper.foot(record, shop);
    paper.lines
}

/// A receipt being written.
struct Paper<'a> {
    locale: &'a Locale,
    columns: usize,
    lines: Vec<String>,
}

impl Paper<'_> {
    fn head(&mut self, record: &SaleRecord, shop: &Shop, reissued: bool) {
        for line in &shop.lines {
            self.centre(line);
        }
        if record.sale.practice {
            self.banner('*', self.locale.text(Text::ReceiptPractice));
        }
        if record.state == SaleState::Settled {
            self.centre(self.locale.text(Text::ReceiptTitle));
        } else {
            let state = self.locale.text(words::state(record.state));
            let title = self
                .locale
                .fill(Text::ReceiptNotSettled, &[("state", state)]);
            self.banner('!', &title);
        }
        if reissued {
            self.banner('=', self.locale.text(Text::ReceiptReissued));
        }
        let date = words::date(self.locale, record.stamp.business_date);
        let time = record.stamp.at.format("%H:%M").to_string();
        self.ends(&date, &time);
        let slip = format!("{} {}", self.locale.text(Text::OurSlip), record.slip);
        let terminal = self.locale.fill(
            Text::HeaderTerminal,
            &[("code", &record.sale.terminal_code)],
        );
        self.ends(&slip, &terminal);
        let operator = self.locale.fill(
            Text::HeaderOperator,
            &[
                ("code", &record.sale.operator.code),
                ("name", &record.sale.operator.name),
            ],
        );
        let kind = match record.sale.kind {
            SaleKind::Sale => "",
            other => self.locale.text(words::kind(other)),
        };
        self.ends(&operator, kind);
    }

    /// Name, tax mark and amount; price and quantity below where there is more than one.
    fn line(&mut self, line: &Line) {
        let name = if line.name.is_empty() {
            self.locale.text(Text::HandKeyed)
        } else {
            &line.name
        };
        let amount = line.amount().unwrap_or(line.unit).to_string();
        let mark = self.locale.text(words::tax_mark(line.tax));
        self.ends(name, &format!("{mark} {}", pad_left(&amount, 10)));
        if line.quantity != 1 {
            self.push(format!("  {} x {}", line.unit, line.quantity));
        }
    }

    fn totals(&mut self, record: &SaleRecord, shop: &Shop) {
        self.pair(Text::Total, &record.total().to_string());
        let rate = shop.tax_rate_percent;
        if let Some((amount, tax)) = taxable_part(&record.sale.lines, rate)
            && amount.is_positive()
        {
            let rate = rate.to_string();
            let label = self.locale.fill(Text::ReceiptTaxable, &[("rate", &rate)]);
            self.ends(&format!(" {label}"), &amount.to_string());
            let label = format!(" {}", self.locale.text(Text::ReceiptTax));
            self.ends(&label, &tax.to_string());
        }
    }

    fn tenders(&mut self, record: &SaleRecord) {
        for tender in &record.sale.tenders {
            match tender {
                Tender::Cash { amount, received } => {
                    self.pair(Text::ReceiptCash, &amount.to_string());
                    self.detail(Text::ReceiptReceived, &received.to_string());
                    self.detail(Text::Change, &tender.change().to_string());
                }
                Tender::Card {
                    name,
                    card_class_name,
                    amount,
                    ..
                } => {
                    let language = self.locale.language();
                    let card = format!("{} {}", name.get(language), card_class_name.get(language));
                    self.ends(&card, &amount.to_string());
                    self.terminal(record);
                }
            }
        }
    }

    fn terminal(&mut self, record: &SaleRecord) {
        let facts = &record.terminal;
        if let Some(slip) = &facts.slip_number {
            self.detail(Text::TerminalSlip, slip.as_str());
        }
        if let Some(code) = &facts.approval_code {
            self.detail(Text::ApprovalCode, code.as_str());
        }
        if let Some(account) = &facts.account {
            self.detail(Text::CardNumber, account.as_str());
        }
        if let Some(balance) = facts.balance {
            self.detail(Text::ReceiptBalance, &balance.to_string());
        }
        if let Some(number) = record.sequence_number {
            self.detail(Text::SequenceNumber, &number.to_string());
        }
    }

    fn foot(&mut self, record: &SaleRecord, shop: &Shop) {
        self.rule();
        self.push(self.locale.text(Text::ReceiptMarks).to_owned());
        if let Some(number) = &shop.invoice_number {
            self.pair(Text::ReceiptInvoice, number);
        }
        if record.sale.practice {
            self.banner('*', self.locale.text(Text::ReceiptPractice));
        }
    }

    fn push(&mut self, line: String) {
        self.lines.push(line);
    }

    fn rule(&mut self) {
        self.push("-".repeat(self.columns));
    }

    fn pair(&mut self, label: Text, value: &str) {
        self.ends(self.locale.text(label), value);
    }

    fn detail(&mut self, label: Text, value: &str) {
        let label = format!(" {}", self.locale.text(label));
        self.ends(&label, value);
    }

    fn ends(&mut self, left: &str, right: &str) {
        self.push(two_ends(left, right, self.columns, true));
    }

    fn centre(&mut self, text: &str) {
        for line in wrap(text, self.columns) {
            let before = (self.columns - width(&line).min(self.columns)) / 2;
            self.push(format!("{}{line}", " ".repeat(before)));
        }
    }

    /// A line that cannot be overlooked: the words between rows of a mark.
    fn banner(&mut self, mark: char, text: &str) {
        let text = fit(text, self.columns - 4, true);
        let room = self.columns.saturating_sub(width(&text) + 2);
        let marks = mark.to_string().repeat(room / 2);
        // An odd column goes between, so that both ends are alike.
        let odd = " ".repeat(room % 2);
        self.push(format!("{marks} {text}{odd} {marks}"));
    }
}
