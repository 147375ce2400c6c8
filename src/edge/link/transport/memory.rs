//! A line inside the process: what one side writes is handed to the other side's sink.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Incoming, Sink, Wire};

/// One side's way to the other. Both ends hold the two sinks, so that closing one end is seen on both.
pub(in crate::edge::link) struct MemoryWire {
    peer: Arc<Mutex<Option<Sink>>>,
    own: Arc<Mutex<Option<Sink>>>,
}

/// Connect two sinks: the first wire writes into `second`, the second into `first`.
pub(in crate::edge::link) fn pair(first: Sink, second: Sink) -> (MemoryWire, MemoryWire) {
    let first = Arc::new(Mutex::new(Some(first)));
    let second = Arc::new(Mutex::new(Some(second)));
    let one = MemoryWire {
        peer: Arc::clone(&second),
        own: Arc::clone(&first),
    };
    let other = MemoryWire {
        peer: first,
        own: second,
    };
    (one, other)
}

impl Wire for MemoryWire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut peer = self.peer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sink) = peer.as_mut() else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        if sink(Incoming::Bytes(bytes.to_vec())).is_break() {
            *peer = None;
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }

    fn close(&mut self) {
        // Who closes hears nothing more; the other side hears it once.
        drop(
            self.own
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let peer = self
            .peer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(mut sink) = peer {
            let _ = sink(Incoming::Closed(
                "the other side closed the line".to_owned(),
            ));
        }
    }
}

impl Drop for MemoryWire {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;
    use std::sync::mpsc;

    fn sink() -> (Sink, mpsc::Receiver<Incoming>) {
        let (sender, receiver) = mpsc::channel();
        let sink: Sink = Box::new(move |incoming| match sender.send(incoming) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        });
        (sink, receiver)
    }

    #[test]
    fn bytes_arrive_at_the_other_side_and_a_close_is_heard_once() {
        let (first, heard_first) = sink();
        let (second, heard_second) = sink();
        let (mut one, mut other) = pair(first, second);
        one.write(b"\x05").expect("open");
        other.write(b"\x06").expect("open");
        assert!(matches!(heard_second.try_recv(), Ok(Incoming::Bytes(bytes)) if bytes == b"\x05"));
        assert!(matches!(heard_first.try_recv(), Ok(Incoming::Bytes(bytes)) if bytes == b"\x06"));
        other.close();
        assert!(matches!(heard_first.try_recv(), Ok(Incoming::Closed(_))));
        assert!(heard_second.try_recv().is_err());
        assert!(one.write(b"\x05").is_err());
        drop(other);
        assert!(heard_first.try_recv().is_err());
    }
}
