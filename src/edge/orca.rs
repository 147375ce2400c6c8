//! The receipt computer: a thread that asks, with a bounded queue before it and one call in flight, and a thread that listens to what it tells by
//! itself (PUSH). Both end with the console; neither is waited for.
//!
//! ```text
//!  OrcaRequest ─▶ queue ─▶ encode ─▶ a line of its own ─▶ decode ─▶ Answered
//!                                        │ did a byte leave?           ▲
//!                                        └── no: Unreachable, yes: Lost ┘
//! ```
//!
//! A call that writes is sent once. Whether to ask again is decided by whoever has read the history.

mod access;
mod http;
mod line;
mod probe;
mod push;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, FixedOffset};

pub use self::probe::{Look, Seen, look};

use self::access::Access;
use self::http::Heard;
use crate::app::message::Now;
use crate::app::message::orca::{OrcaEvent, OrcaRequest};
use crate::config::orca::{Kind, Site};
use crate::orca::answer::{Answer, Failure};
use crate::orca::call::Call;
use crate::orca::push as frames;
use crate::orca::wire::{BodyKind, Dialect, Read, Request, Warning, confirm, encode, read};

/// The console asks a few things at a time; the rest is room for a screen that is left and opened again.
const QUEUE_MAX: usize = 32;

/// All that a receipt computer takes.
#[derive(Clone)]
pub struct Setup {
    /// Where it is, and who we are there.
    pub site: Site,
    /// Where files without a folder lie: beside the config.
    pub folder: PathBuf,
    /// Our name where a call holds nobody.
    pub karte_uid: String,
    /// Tells the time.
    pub clock: Arc<dyn Fn() -> Now + Send + Sync>,
    /// How PUSH waits.
    pub patience: Patience,
}

/// How long PUSH has patience.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Between a loss and the next try; doubles with each.
    pub first_wait: Duration,
    /// The longest of those.
    pub last_wait: Duration,
    /// After so much silence it is asked whether it is still there.
    pub ping_after: Duration,
    /// After so much it is not.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            first_wait: Duration::from_secs(1),
            last_wait: Duration::from_secs(60),
            ping_after: Duration::from_secs(20),
            silence: Duration::from_secs(50),
        }
    }
}

impl Setup {
    fn dialect(&self) -> Dialect {
        Dialect {
            api_prefix: self.site.kind == Kind::WebOrca,
            body: BodyKind::Json,
            karte_uid: self.karte_uid.clone(),
        }
    }

    fn now(&self) -> DateTime<FixedOffset> {
        (self.clock)().wall
    }
}

/// What the asking thread is given.
enum Job {
    Ask(OrcaRequest),
    /// What was told while nobody listened: WebORCA keeps it.
    CatchUp {
        from: DateTime<FixedOffset>,
        to: DateTime<FixedOffset>,
    },
}

/// The end of the console, as the threads hear of it.
#[derive(Default)]
struct Stop {
    said: Mutex<bool>,
    bell: Condvar,
}

impl Stop {
    fn say(&self) {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_all();
    }

    fn is_said(&self) -> bool {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wait so long, or until it is said. True where it was.
    fn wait(&self, patience: Duration) -> bool {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let (said, _) = self
            .bell
            .wait_timeout_while(said, patience, |said| !*said)
            .unwrap_or_else(PoisonError::into_inner);
        *said
    }
}

/// Tells the console.
type Tell = Arc<dyn Fn(OrcaEvent) + Send + Sync>;

/// The way to the threads.
pub struct OrcaHandle {
    jobs: Option<SyncSender<Job>>,
    stop: Arc<Stop>,
    threads: Vec<JoinHandle<()>>,
}

impl OrcaHandle {
    /// Ask. The answer comes through the `send` of [`spawn`]; or, where the request could not even be queued, at once as the error.
    ///
    /// # Errors
    ///
    /// The answer, where there is nobody to give it. Nothing of the call has left.
    pub fn ask(&self, request: OrcaRequest) -> Result<(), Box<OrcaEvent>> {
        let Some(jobs) = &self.jobs else {
            return Ok(());
        };
        match jobs.try_send(Job::Ask(request)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => {
                let said = "too many calls are waiting already".to_owned();
                match job {
                    Job::Ask(request) => {
                        Err(Box::new(answered(request, Err(Failure::Unreachable(said)))))
                    }
                    Job::CatchUp { .. } => Ok(()),
                }
            }
        }
    }

    /// Nothing more is asked or heard. A call under way is not waited for: the books know that it was sent.
    pub fn close(mut self) {
        self.stop.say();
        self.jobs.take();
        for thread in self.threads.drain(..) {
            if thread.is_finished() {
                let _ended = thread.join();
            }
        }
    }
}

impl Drop for OrcaHandle {
    fn drop(&mut self) {
        self.stop.say();
    }
}

/// Give the receipt computer to threads of its own.
///
/// # Errors
///
/// A thread cannot be started.
pub fn spawn(
    setup: Setup,
    send: impl Fn(OrcaEvent) + Send + Sync + 'static,
) -> io::Result<OrcaHandle> {
    let (jobs, queue) = sync_channel(QUEUE_MAX);
    let setup = Arc::new(setup);
    let send: Tell = Arc::new(send);
    let stop = Arc::new(Stop::default());
    let mut handle = OrcaHandle {
        jobs: Some(jobs.clone()),
        stop: Arc::clone(&stop),
        threads: Vec::new(),
    };
    let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
    let (asked, tell, ending) = (Arc::clone(&setup), Arc::clone(&send), Arc::clone(&stop));
    handle.threads.push(thread("orca").spawn(move || {
        serve(&mut Client::new(asked), &queue, &tell, &ending);
    })?);
    if setup.site.push.is_some() {
        handle.threads.push(thread("orca-push").spawn(move || {
            push::listen(&setup, &jobs, &stop, &send);
        })?);
    }
    Ok(handle)
}

fn serve(client: &mut Client, queue: &Receiver<Job>, tell: &Tell, stop: &Stop) {
    for job in queue {
        if stop.is_said() {
            return;
        }
        match job {
            Job::Ask(request) => {
                let Read {
                    result,
                    warning: remark,
                } = client.ask(&request.call);
                if let Some(Warning { code, message }) = remark {
                    tell(OrcaEvent::Remarked { code, message });
                }
                tell(answered(request, result));
            }
            Job::CatchUp { from, to } => {
                // Where it cannot be had, the day's list is asked for all the same.
                for event in client.caught_up(from, to).unwrap_or_default() {
                    if let Some(news) = event.news {
                        tell(OrcaEvent::News(news));
                    }
                }
            }
        }
    }
}

fn answered(request: OrcaRequest, result: Result<Answer, Failure>) -> OrcaEvent {
    OrcaEvent::Answered {
        asker: request.asker,
        call: Box::new(request.call),
        result,
    }
}

/// One that asks: what was read of files is kept until it is no good.
struct Client {
    setup: Arc<Setup>,
    access: Option<Access>,
}

impl Client {
    fn new(setup: Arc<Setup>) -> Client {
        Client {
            setup,
            access: None,
        }
    }

    /// The answer, and what is remarked on a call that was done.
    fn ask(&mut self, call: &Call) -> Read {
        match self.hear(call) {
            Ok(heard) => read(call, &heard.response),
            Err(failure) => Read {
                result: Err(failure),
                warning: None,
            },
        }
    }

    fn hear(&mut self, call: &Call) -> Result<Heard, Failure> {
        let dialect = self.setup.dialect();
        let heard = self.exchange(&encode(call, &dialect), call.writes())?;
        match confirm(call, &heard.response, &dialect) {
            Some(second) => self.exchange(&second, call.writes()),
            None => Ok(heard),
        }
    }

    fn caught_up(
        &mut self,
        from: DateTime<FixedOffset>,
        to: DateTime<FixedOffset>,
    ) -> Result<Vec<frames::Event>, Failure> {
        let user = self.setup.site.user.clone().unwrap_or_default();
        let dialect = self.setup.dialect();
        let request = frames::catch_up(&dialect, frames::ACCOUNT, &user, from, to);
        let heard = self.exchange(&request, false)?;
        frames::caught_up(&heard.response)
    }

    fn exchange(&mut self, request: &Request, writes: bool) -> Result<Heard, Failure> {
        let access = self.access()?;
        let outcome = http::exchange(&self.setup.site, &access, request);
        if let Err(Failure::Denied(_) | Failure::Certificate(_)) = outcome {
            // The file may be another by the next call.
            self.access = None;
        }
        outcome.map_err(|failure| match failure {
            // Whatever spoke there: nothing was asked of it that it could have done.
            Failure::Unreadable(said) if !writes => Failure::Foreign(said),
            other => other,
        })
    }

    fn access(&mut self) -> Result<Access, Failure> {
        let now = self.setup.now();
        let good = |access: &Access| access.valid_until.is_none_or(|until| now <= until);
        if let Some(access) = self.access.as_ref().filter(|access| good(access)) {
            return Ok(access.clone());
        }
        let access = Access::load(&self.setup.site, &self.setup.folder, now)?;
        self.access = Some(access.clone());
        Ok(access)
    }
}
