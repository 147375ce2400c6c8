//! What the terminal and the line do, within their budgets.

use madoguchi::cat::model::{InquiryPower, NotFoundPower};

use crate::shop::Shop;
use crate::world::{ATTEMPTS_MAX, Ask, Code, Move, Say, World};

impl Shop {
    /// What the line and the terminal could do now.
    pub(crate) fn outside_moves(&self, world: &World, moves: &mut Vec<Move>) {
        let terminal = &world.terminal;
        if !world.outward.is_empty() {
            moves.push(Move::Take);
            if world.left.lost > 0 {
                moves.push(Move::LoseRequest);
            }
            if world.left.copied > 0 {
                moves.push(Move::CopyRequest);
            }
        }
        if !world.inward.is_empty() {
            if world.left.lost > 0 {
                moves.push(Move::LoseReply);
            }
            if world.left.copied > 0 {
                moves.push(Move::CopyReply);
            }
        }
        if terminal.running.is_some() {
            moves.extend([Move::Approve, Move::Decline]);
            moves.push(Move::LoseCentre { charged: false });
            // Where the terminal gives its word that nothing stands at the centre, it keeps it.
            if !self.can.communication_error_is_definite {
                moves.push(Move::LoseCentre { charged: true });
            }
        }
        if terminal.unsaid.is_some() {
            moves.extend([Move::Speak, Move::KeepSilent]);
        }
        if world.left.reboots > 0 {
            for forgets in [false, true] {
                moves.push(Move::Reboot {
                    forgets,
                    charged: false,
                });
                if terminal.running.is_some() {
                    moves.push(Move::Reboot {
                        forgets,
                        charged: true,
                    });
                }
            }
        }
    }

    /// One of them happens.
    pub(crate) fn outside(&self, world: &mut World, happens: Move) {
        match happens {
            Move::LoseRequest => {
                world.left.lost -= 1;
                world.outward.remove(0);
            }
            Move::LoseReply => {
                world.left.lost -= 1;
                world.inward.remove(0);
            }
            Move::CopyRequest => {
                world.left.copied -= 1;
                let mut copy = world.outward[0];
                copy.copy = true;
                world.outward.insert(1, copy);
            }
            Move::CopyReply => {
                world.left.copied -= 1;
                let copy = world.inward[0];
                world.inward.insert(1, copy);
            }
            Move::Take => self.take(world),
            Move::Approve => self.end(world, Code::Approved, true),
            Move::Decline => self.end(world, Code::Declined, false),
            Move::LoseCentre { charged } => self.end(world, Code::CentreLost, charged),
            Move::Speak => {
                if let Some((row, code)) = world.terminal.unsaid.take() {
                    world.reply(Say::Result { row, code });
                }
            }
            Move::KeepSilent => world.terminal.unsaid = None,
            Move::Reboot { forgets, charged } => self.reboot(world, forgets, charged),
            _ => unreachable!("{happens:?} is the console's"),
        }
    }

    /// A question goes over the line and is answered, or is lost on its way.
    pub(crate) fn put(&self, world: &mut World, question: Ask, lost: bool) {
        world.ask_anew();
        if lost {
            world.left.lost -= 1;
            return;
        }
        world.taken = true;
        let said = match question {
            Ask::Question(about) => self.look_up(world, about),
            Ask::Status | Ask::Sale(_) => Say::Status {
                journal: world.terminal.journal,
                busy: world.terminal.running.is_some(),
            },
        };
        world.reply(said);
    }

    /// The next amount is there.
    fn take(&self, world: &mut World) {
        let request = world.outward.remove(0);
        let row = request.row;
        world.taken |= !request.old;
        let terminal = &mut world.terminal;
        // The block it has just taken, with no call before it: the framing drops it.
        if request.copy && terminal.block == Some(row) {
            return;
        }
        terminal.block = Some(row);
        let known = self.knows_numbers()
            && (terminal.memory[row].is_some() || terminal.running == Some(row));
        match (known, terminal.running) {
            (true, _) => {
                if let Some(code) = terminal.memory[row] {
                    world.reply(Say::Result { row, code });
                }
            }
            (false, Some(_)) => {
                let code = Code::Busy;
                world.reply(Say::Result { row, code });
            }
            (false, None) => {
                terminal.running = Some(row);
                // What it has not said by now it does not say any more.
                terminal.unsaid = None;
            }
        }
    }

    fn look_up(&self, world: &World, about: usize) -> Say {
        let terminal = &world.terminal;
        let journal = terminal.journal;
        match self.can.inquiry {
            InquiryPower::None => {
                Say::List(terminal.memory.map(|code| code == Some(Code::Approved)))
            }
            InquiryPower::LastOnly => match (terminal.running, terminal.last) {
                (Some(_), _) => Say::InProgress { about },
                (None, Some(row)) => Say::Found {
                    about,
                    row,
                    code: terminal.memory[row].expect("it remembers its last"),
                },
                (None, None) => Say::NotFound { about, journal },
            },
            InquiryPower::ByReference => match terminal.memory[about] {
                _ if terminal.running == Some(about) => Say::InProgress { about },
                Some(code) => Say::Found {
                    about,
                    row: about,
                    code,
                },
                None => Say::NotFound { about, journal },
            },
        }
    }

    fn end(&self, world: &mut World, code: Code, charged: bool) {
        if let Some(row) = world.terminal.running.take() {
            world.terminal.charged[row] += u8::from(charged);
            self.remember(world, row, code);
            world.terminal.unsaid = Some((row, code));
        }
    }

    fn remember(&self, world: &mut World, row: usize, code: Code) {
        let terminal = &mut world.terminal;
        if !self.can_be_asked() {
            return;
        }
        if self.can.inquiry == InquiryPower::LastOnly {
            terminal.memory = [None; ATTEMPTS_MAX];
            terminal.last = Some(row);
        }
        terminal.memory[row] = Some(code);
    }

    fn reboot(&self, world: &mut World, forgets: bool, charged: bool) {
        world.left.reboots -= 1;
        // A block that was called for before the start is no block after it.
        world.outward.clear();
        world.terminal.block = None;
        world.terminal.unsaid = None;
        if let Some(row) = world.terminal.running.take() {
            world.terminal.charged[row] += u8::from(charged);
            self.remember(world, row, Code::Reset);
        }
        if forgets {
            world.terminal.memory = [None; ATTEMPTS_MAX];
            world.terminal.last = None;
            // Only a terminal whose "not found" is worth something says that its memory is a new one.
            if self.can.not_found == NotFoundPower::SameJournal {
                world.terminal.journal += 1;
            }
        }
    }
}
