//! The loop: one inbox, one update, effects handed out, one frame drawn. It decides nothing.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::link::{Clock, LinkHandle};
use super::store::thread::StoreHandle;
use crate::app::message::{Effect, Message};
use crate::app::{State, update};
use crate::domain::ledger::CatId;

/// How many messages are taken before a frame is drawn: a scan or a paste is one frame, and a flood still shows.
const MESSAGES_A_FRAME: usize = 64;

/// What effects are handed to.
pub struct Adapters {
    /// The books.
    pub store: StoreHandle,
    /// The terminals.
    pub links: BTreeMap<CatId, LinkHandle>,
    /// Remembers a key, and answers through the inbox.
    pub save_key: Box<dyn Fn(Vec<u8>, crate::app::key::Key)>,
}

/// What the loop needs of a screen.
pub trait Stage {
    /// Draw the state, if it can be drawn; a screen that is gone ends the loop.
    fn draw(&mut self, state: &State) -> std::io::Result<()>;
    /// Forget what was drawn, and take the size anew.
    fn redraw(&mut self, size: (u16, u16)) -> std::io::Result<()>;
    /// Ring so many times.
    fn bell(&mut self, times: u8) -> std::io::Result<()>;
}

/// Run a console until it leaves. An error is a screen that is gone; the books are not touched by it.
pub fn run(
    state: &mut State,
    clock: &Clock,
    inbox: &Receiver<Message>,
    adapters: &Adapters,
    stage: &mut impl Stage,
) -> std::io::Result<()> {
    let effects = state.start();
    hand_out(effects, state, clock, adapters, stage)?;
    stage.draw(state)?;
    while !state.leaving {
        let mut message = next(state, clock, inbox);
        for _ in 0..MESSAGES_A_FRAME {
            let effects = update(state, clock(), message);
            hand_out(effects, state, clock, adapters, stage)?;
            match inbox.try_recv() {
                Ok(more) if !state.leaving => message = more,
                _ => break,
            }
        }
        if !state.leaving {
            stage.draw(state)?;
        }
    }
    Ok(())
}

/// Sleep until something comes, or until the state asked to be woken.
fn next(state: &State, clock: &Clock, inbox: &Receiver<Message>) -> Message {
    let Some(deadline) = state.deadline() else {
        return inbox.recv().unwrap_or(Message::Hangup);
    };
    let left = deadline.saturating_sub(clock().mono_ms);
    match inbox.recv_timeout(Duration::from_millis(left)) {
        Ok(message) => message,
        Err(RecvTimeoutError::Timeout) => Message::TimeReached,
        // Every sender is gone: nobody will ever press a key again.
        Err(RecvTimeoutError::Disconnected) => Message::Hangup,
    }
}

fn hand_out(
    effects: Vec<Effect>,
    state: &mut State,
    clock: &Clock,
    adapters: &Adapters,
    stage: &mut impl Stage,
) -> std::io::Result<()> {
    for effect in effects {
        match effect {
            Effect::Store(request) => {
                // A request that could not even be queued is answered here, like any other answer.
                if let Err(failed) = adapters.store.ask(request) {
                    let more = update(state, clock(), Message::Stored(*failed));
                    hand_out(more, state, clock, adapters, stage)?;
                }
            }
            Effect::Link(cat, request) => {
                if let Some(link) = adapters.links.get(&cat) {
                    link.request(request);
                }
            }
            Effect::SaveKey { bytes, key } => (adapters.save_key)(bytes, key),
            Effect::Bell(times) => stage.bell(times)?,
            Effect::Redraw => stage.redraw(state.size)?,
            Effect::Quit => {}
        }
    }
    Ok(())
}
