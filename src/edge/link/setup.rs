//! What the link set-up screen asks of the lines and the machine. What takes a while has a thread of its own; answers come as events.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::message::link_setup::{LoopOutcome, SetupEvent, SetupRequest, TraceFrame};
use crate::cat::examination::Verdict;
use crate::cat::model::SerialSettings;
use crate::config::port::PortAddress;
use crate::domain::ledger::CatId;
use crate::edge::os::whole_file::write_whole;

use super::driver::LinkHandle;
use super::trace::text_line;
use super::{Clock, loopback, ports};

/// Where the answers go.
type Answer = Arc<dyn Fn(SetupEvent) + Send + Sync>;

/// The room behind the link set-up screen.
pub struct Setup {
    /// Where each terminal is; none for the simulated one inside.
    pub addresses: BTreeMap<CatId, PortAddress>,
    /// The line settings of the serial ones.
    pub lines: BTreeMap<CatId, SerialSettings>,
    /// Where a trace is written.
    pub folder: PathBuf,
    /// The time.
    pub clock: Clock,
    /// Where the answers go; called on several threads.
    pub answer: Answer,
}

impl Setup {
    /// Take a request. Never blocks; each is answered once, and never on the caller's thread, which may be the one that reads the answers.
    pub fn take(&self, request: SetupRequest, links: &BTreeMap<CatId, LinkHandle>) {
        match request {
            SetupRequest::FindPorts => self.find(),
            SetupRequest::Examine(cat) => {
                let answer = Arc::clone(&self.answer);
                let done = move |verdict| answer(SetupEvent::Examined { cat, verdict });
                match links.get(&cat) {
                    Some(link) => link.examine(done),
                    None => self.in_the_background("examine", move |_| done(Verdict::GaveWay)),
                }
            }
            SetupRequest::Loop { path } => self.check_loop(path),
            SetupRequest::Trace(cat) => {
                let frames = links.get(&cat).map(LinkHandle::trace).unwrap_or_default();
                self.in_the_background("trace", move |answer| {
                    answer(SetupEvent::Traced { cat, frames });
                });
            }
            SetupRequest::ExportTrace(cat) => {
                let frames = links.get(&cat).map(LinkHandle::trace).unwrap_or_default();
                let path = export_path(&self.folder, cat);
                self.in_the_background("trace", move |answer| {
                    let written = export(&path, &frames)
                        .map(|()| path.display().to_string())
                        .map_err(|error| format!("{}: {error}", path.display()));
                    answer(SetupEvent::Exported(written));
                });
            }
        }
    }

    fn find(&self) {
        let (addresses, lines) = (self.addresses.clone(), self.lines.clone());
        self.in_the_background("ports", move |answer| {
            let ports = ports::find(&addresses);
            answer(SetupEvent::Found { ports, lines });
        });
    }

    fn check_loop(&self, path: String) {
        let (clock, addresses) = (self.clock.clone(), self.addresses.clone());
        self.in_the_background("loopback", move |answer| {
            // Looked at once more: between the question and its answer a cable may have been moved.
            let outcome = if ports::belongs_to_a_terminal(&path, &addresses) {
                LoopOutcome::Refused
            } else {
                loopback::check(&path, &clock)
            };
            answer(SetupEvent::Looped { path, outcome });
        });
    }

    fn in_the_background(
        &self,
        name: &str,
        work: impl FnOnce(&dyn Fn(SetupEvent)) + Send + 'static,
    ) {
        let answer = Arc::clone(&self.answer);
        let run = move || work(&*answer);
        let thread = std::thread::Builder::new().name(name.to_owned());
        // A system without room for a thread leaves the screen waiting; it can be asked again.
        let _ = thread.spawn(run);
    }
}

/// The file a terminal's trace is written to.
pub fn export_path(folder: &Path, cat: CatId) -> PathBuf {
    folder.join(match cat {
        CatId::Cat1 => "wire-trace-cat1.txt",
        CatId::Cat2 => "wire-trace-cat2.txt",
    })
}

fn export(path: &Path, frames: &[TraceFrame]) -> std::io::Result<()> {
    write_whole(path, |file| {
        for frame in frames {
            writeln!(file, "{}", text_line(frame))?;
        }
        Ok(())
    })
}
