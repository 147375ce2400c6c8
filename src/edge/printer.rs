//! The receipt printer: a thread of its own with a bounded queue before it. Whatever happens here, the sale is in the books already.
//!
//! ```text
//!  PrintRequest ─▶ compose ─▶ bytes ─▶ note "begun" ─▶ the line ─▶ GS r ─▶ Printed
//!                               │ DLE EOT before: paper, cover, off line      │
//!                               └──────────────── Failed ◀───────────────────┘
//! ```
//!
//! Where the line is two-way a paper counts as printed when the printer says so behind its last byte; where it is not, when the last byte is
//! taken.

mod notes;
mod port;
mod status;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, NaiveTime};

use self::notes::Notes;
use self::port::{PIECE, Port};
use crate::app::message::Now;
use crate::app::message::printing::{PrintRequest, PrinterEvent, PrinterTrouble};
use crate::config::printer::PrinterPlace;
use crate::domain::business_day::BusinessDate;
use crate::domain::paper::Unprinted;
use crate::domain::tax::TaxRates;
use crate::locale::Locale;
use crate::slip::escpos::{Device, encode_sheet, status_request};
use crate::slip::template::Templates;
use crate::slip::{Issuer, Occasion, Sheet, compose, test_sheet};

/// The console sends one paper at a time; the rest is room for what is thrown away meanwhile.
const QUEUE_MAX: usize = 16;

/// How long the printer's side has patience.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the answer to one question.
    pub answer: Duration,
    /// For a whole paper to come out, after its last byte was taken.
    pub finish: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            answer: Duration::from_millis(1_500),
            finish: Duration::from_secs(45),
        }
    }
}

/// All that printing takes.
pub struct Setup {
    /// Where the printer is.
    pub place: PrinterPlace,
    /// True where it says how it is.
    pub two_way: bool,
    /// What it can do.
    pub device: Device,
    /// Name lines of the shop.
    pub shop: Vec<String>,
    /// 登録番号.
    pub invoice_number: Option<String>,
    /// Consumption tax.
    pub tax_rates: TaxRates,
    /// 端末コード.
    pub terminal_code: String,
    /// Practice: every paper says so.
    pub practice: bool,
    /// 営業区切り時刻.
    pub day_boundary: NaiveTime,
    /// The language of the papers.
    pub locale: Locale,
    /// The site's words.
    pub templates: Arc<Templates>,
    /// What must be remembered over a crash.
    pub notes: PathBuf,
    /// Tells the time.
    pub clock: Arc<dyn Fn() -> Now + Send + Sync>,
    /// How long to wait.
    pub patience: Patience,
}

/// The way to the thread.
#[derive(Debug)]
pub struct PrinterHandle {
    requests: Option<SyncSender<PrintRequest>>,
    thread: Option<JoinHandle<()>>,
}

impl PrinterHandle {
    /// Ask. The answer comes through the `send` of [`spawn`]; or, where the request could not even be queued, at once as the error.
    ///
    /// # Errors
    ///
    /// The answer, where there is nobody to give it.
    pub fn ask(&self, request: PrintRequest) -> Result<(), PrinterEvent> {
        let Some(requests) = &self.requests else {
            return Ok(());
        };
        match requests.try_send(request) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(request) | TrySendError::Disconnected(request)) => match request
            {
                PrintRequest::Print { number, .. } | PrintRequest::Test { number } => {
                    Err(PrinterEvent::Failed {
                        number,
                        trouble: PrinterTrouble::NotFinished,
                        begun: false,
                    })
                }
                PrintRequest::Forget(_) => Ok(()),
            },
        }
    }

    /// Nothing more is asked. What is under way is not waited for: the next start finds it begun, and not printed.
    pub fn close(mut self) {
        self.requests.take();
        if let Some(thread) = self.thread.take().filter(JoinHandle::is_finished) {
            let _ended = thread.join();
        }
    }
}

/// Give the printer to a thread of its own.
///
/// # Errors
///
/// The thread cannot be started.
pub fn spawn(
    setup: Setup,
    send: impl Fn(PrinterEvent) + Send + 'static,
) -> io::Result<PrinterHandle> {
    let (requests, queue) = sync_channel(QUEUE_MAX);
    let thread = std::thread::Builder::new()
        .name("printer".to_owned())
        .spawn(move || serve(&setup, &queue, &send))?;
    Ok(PrinterHandle {
        requests: Some(requests),
        thread: Some(thread),
    })
}

fn serve(setup: &Setup, queue: &Receiver<PrintRequest>, send: &impl Fn(PrinterEvent)) {
    let now = (setup.clock)().wall;
    let (mut notes, recalled) = match Notes::open(&setup.notes, now, setup.day(now)) {
        Ok((notes, recalled)) => (Ok(notes), Some(recalled)),
        Err(error) => (Err(error.to_string()), None),
    };
    let (since, begun, forgotten) = recalled.map_or_else(
        || (now, Vec::new(), Vec::new()),
        |recalled| (recalled.since, recalled.begun, recalled.forgotten),
    );
    send(PrinterEvent::Recalled {
        since,
        begun,
        forgotten,
    });
    for request in queue {
        let now = (setup.clock)().wall;
        if let Ok(notes) = &mut notes {
            // Without today's line nothing of today would be missed after a crash; the next note says so where it matters.
            let _ = notes.turn(setup.day(now), now);
        }
        match request {
            PrintRequest::Forget(paper) => {
                if let Ok(notes) = &mut notes {
                    // Then it is offered once more after a restart, and thrown away once more.
                    let _ = notes.forgotten(paper);
                }
            }
            PrintRequest::Test { number } => {
                let columns = setup.device.columns;
                let sheet = test_sheet(
                    setup.practice,
                    (&setup.terminal_code, columns),
                    &setup.issuer(),
                    &setup.occasion(now),
                );
                send(outcome(number, setup.print(&sheet, || Ok(()))));
            }
            PrintRequest::Print {
                number,
                document,
                facts,
            } => {
                let sheet = compose(document, &facts, &setup.issuer(), &setup.occasion(now));
                let slip = facts.record.slip;
                let printed = setup.print(&sheet, || match &mut notes {
                    Ok(notes) => notes
                        .begun(Unprinted { slip, document })
                        .map_err(|error| error.to_string()),
                    Err(said) => Err(said.clone()),
                });
                send(outcome(number, printed));
            }
        }
    }
}

/// How many characters were replaced; or why nothing came out, and whether a part may have.
type Printed = Result<usize, (PrinterTrouble, bool)>;

fn outcome(number: u32, printed: Printed) -> PrinterEvent {
    match printed {
        Ok(replaced) => PrinterEvent::Printed { number, replaced },
        Err((trouble, begun)) => PrinterEvent::Failed {
            number,
            trouble,
            begun,
        },
    }
}

impl Setup {
    fn day(&self, now: DateTime<FixedOffset>) -> BusinessDate {
        BusinessDate::of(now, self.day_boundary)
    }

    fn issuer(&self) -> Issuer<'_> {
        Issuer {
            lines: &self.shop,
            invoice_number: self.invoice_number.as_deref(),
            tax_rates: self.tax_rates,
        }
    }

    fn occasion(&self, at: DateTime<FixedOffset>) -> Occasion<'_> {
        Occasion {
            at,
            locale: &self.locale,
            templates: &self.templates,
        }
    }

    /// `begin` makes it durable that a part may be on paper; called before the first byte that could print.
    fn print(&self, sheet: &Sheet, begin: impl FnOnce() -> Result<(), String>) -> Printed {
        let encoded = encode_sheet(sheet, &self.device);
        let before = |trouble| (trouble, false);
        let mut port = Port::open(&self.place)
            .map_err(|error| before(PrinterTrouble::Unreachable(error.to_string())))?;
        if self.two_way {
            self.look(&mut port).map_err(before)?;
        }
        begin().map_err(|said| before(PrinterTrouble::Disk(said)))?;
        self.send(&mut port, &encoded.bytes)
            .map_err(|trouble| (trouble, true))?;
        Ok(encoded.replaced)
    }

    /// Ask how it is. One that has no paper is not sent anything.
    fn look(&self, port: &mut Port) -> Result<(), PrinterTrouble> {
        let broken = |error: io::Error| PrinterTrouble::Unreachable(error.to_string());
        let mut found = Vec::new();
        let mut answered = false;
        for question in status::QUESTIONS {
            port.write(&status_request(question)).map_err(broken)?;
            let answer = self
                .answer(port, status::answers_status, self.patience.answer)
                .map_err(broken)?;
            answered |= answer.is_some();
            found.extend(answer.and_then(|answer| status::trouble_of(question, answer)));
            // One that does not answer the first question answers no other.
            if !answered {
                return Err(PrinterTrouble::Silent);
            }
        }
        match status::gravest(found) {
            Some(trouble) => Err(trouble),
            None => Ok(()),
        }
    }

    fn send(&self, port: &mut Port, bytes: &[u8]) -> Result<(), PrinterTrouble> {
        let written = bytes
            .chunks(PIECE)
            .try_for_each(|piece| port.write(piece))
            .and_then(|()| {
                if self.two_way {
                    port.write(&status::WHEN_DONE)
                } else {
                    Ok(())
                }
            })
            .and_then(|()| port.finish());
        if let Err(error) = written {
            // A printer that has no paper any more takes nothing more: it may say so.
            let why = self.why(port);
            return Err(why.unwrap_or_else(|| PrinterTrouble::Broken(error.to_string())));
        }
        if !self.two_way {
            return Ok(());
        }
        self.wait(port)
            .map_err(|error| PrinterTrouble::Broken(error.to_string()))?
    }

    /// Until it says that it is done, or what stops it.
    fn wait(&self, port: &mut Port) -> io::Result<Result<(), PrinterTrouble>> {
        let begun = Instant::now();
        let mut asked = begun;
        while begun.elapsed() < self.patience.finish {
            for byte in port.read()? {
                if status::answers_done(byte) {
                    return Ok(Ok(()));
                }
                let trouble = status::trouble_of(status::WHY_OFF_LINE, byte);
                if let Some(trouble) = trouble.filter(|_| status::answers_status(byte)) {
                    return Ok(Err(trouble));
                }
            }
            if asked.elapsed() >= self.patience.answer {
                asked = Instant::now();
                port.write(&status_request(status::WHY_OFF_LINE))?;
            }
        }
        Ok(Err(PrinterTrouble::NotFinished))
    }

    /// What stopped it, where it says.
    fn why(&self, port: &mut Port) -> Option<PrinterTrouble> {
        if !self.two_way {
            return None;
        }
        match self.look(port) {
            Err(PrinterTrouble::Silent | PrinterTrouble::Unreachable(_)) | Ok(()) => None,
            Err(trouble) => Some(trouble),
        }
    }

    /// The first byte that can be an answer; whatever else comes is passed over.
    fn answer(
        &self,
        port: &mut Port,
        answers: fn(u8) -> bool,
        patience: Duration,
    ) -> io::Result<Option<u8>> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(answer) = port.read()?.into_iter().find(|byte| answers(*byte)) {
                return Ok(Some(answer));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
        }
    }
}
