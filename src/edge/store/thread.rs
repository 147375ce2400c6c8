//! The thread that owns the books: one writer, a bounded queue in front of it, checkpoints when nothing is asked.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Store;
use crate::app::message::items::ItemsRequest;
use crate::app::message::{StoreRequest, StoreTrouble, Stored};

/// How many requests may wait. The console asks one thing at a time; more than this is a fault.
const QUEUE_MAX: usize = 64;
/// How long nothing must have been asked before the log is brought into the file.
const QUIET: Duration = Duration::from_secs(2);
/// Below this the log may stay as it is: a checkpoint costs more than it saves.
const LOG_BYTES_QUIET: u64 = 4 * 1024 * 1024;
/// Above this a checkpoint is made after the answer is out, quiet or not.
const LOG_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The way to the thread. Dropping it ends the thread once everything asked is done.
#[derive(Debug)]
pub struct StoreHandle {
    requests: Option<SyncSender<StoreRequest>>,
    thread: Option<JoinHandle<()>>,
}

impl StoreHandle {
    /// Ask. The answer comes through the `send` of [`spawn`]; or, where the request could not even be queued, at once as the error.
    pub fn ask(&self, request: StoreRequest) -> Result<(), Box<Stored>> {
        let failed = |request, said: &str| {
            Err(Box::new(Stored::Failed {
                request: Box::new(request),
                trouble: StoreTrouble::Disk(said.to_owned()),
            }))
        };
        let Some(requests) = &self.requests else {
            return failed(request, "the books are closed");
        };
        match requests.try_send(request) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(request)) => failed(request, "the books do not answer"),
            Err(TrySendError::Disconnected(request)) => failed(request, "the books are closed"),
        }
    }

    /// Finish what was asked, bring the log into the file, and close it.
    pub fn close(mut self) {
        self.finish();
    }

    fn finish(&mut self) {
        self.requests.take();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told so on its own way out; there is nothing left to close.
            let _ended = thread.join();
        }
    }
}

impl Drop for StoreHandle {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Give the books to a thread of their own. `send` gets exactly one answer for each request, in their order.
pub fn spawn(store: Store, send: impl Fn(Stored) + Send + 'static) -> io::Result<StoreHandle> {
    let (requests, queue) = sync_channel(QUEUE_MAX);
    let thread = std::thread::Builder::new()
        .name("books".to_owned())
        .spawn(move || serve(store, &queue, &send))?;
    Ok(StoreHandle {
        requests: Some(requests),
        thread: Some(thread),
    })
}

fn serve(mut store: Store, queue: &Receiver<StoreRequest>, send: &impl Fn(Stored)) {
    // A quiet moment is waited for once after something was written; otherwise the thread sleeps until it is asked.
    let mut quiet_awaited = false;
    loop {
        let request = if quiet_awaited {
            match queue.recv_timeout(QUIET) {
                Ok(request) => request,
                Err(RecvTimeoutError::Timeout) => {
                    quiet_awaited = false;
                    store.checkpoint(LOG_BYTES_QUIET);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        } else {
            match queue.recv() {
                Ok(request) => request,
                Err(_) => break,
            }
        };
        let writes = matches!(
            request,
            StoreRequest::Sell { .. }
                | StoreRequest::Pend { .. }
                | StoreRequest::ByHand { .. }
                | StoreRequest::Write { .. }
                | StoreRequest::Items(ItemsRequest::Import(_))
        );
        send(store.handle(request));
        if writes {
            quiet_awaited = true;
            store.checkpoint(LOG_BYTES_MAX);
        }
    }
    store.checkpoint(0);
}
