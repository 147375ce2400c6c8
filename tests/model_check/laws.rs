//! What must hold in every moment, what must be possible, and how the histories are walked.

use madoguchi::cat::model::NotFoundPower;
use madoguchi::domain::ledger::SaleState;
use stateright::{Model, Property};

use crate::shop::Shop;
use crate::world::{By, Console, Move, Row, Told, World};

pub(crate) const NO_LOST_CHARGE: &str = "no charge is lost";
pub(crate) const NO_PHANTOM: &str = "nothing is booked that was not charged";
pub(crate) const NO_DOUBLE_CHARGE: &str = "nobody pays twice";
pub(crate) const NO_BLIND_RESEND: &str = "no amount leaves twice, or beside an open attempt";
pub(crate) const WRITE_AHEAD: &str = "the books know first";
pub(crate) const HONEST_SCREEN: &str = "the screen never lies";
pub(crate) const LEGAL: &str = "the books refuse nothing the console writes";
pub(crate) const ENDS: &str = "what ends is decided, or on the list";

impl Model for Shop {
    type State = World;
    type Action = Move;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.faults)]
    }

    fn actions(&self, world: &World, moves: &mut Vec<Move>) {
        self.inside_moves(world, moves);
        self.outside_moves(world, moves);
    }

    fn next_state(&self, world: &World, happens: Move) -> Option<World> {
        let mut next = world.clone();
        match happens {
            Move::LoseRequest
            | Move::LoseReply
            | Move::CopyRequest
            | Move::CopyReply
            | Move::Take
            | Move::Approve
            | Move::Decline
            | Move::LoseCentre { .. }
            | Move::Speak
            | Move::KeepSilent
            | Move::Reboot { .. } => self.outside(&mut next, happens),
            _ => self.inside(&mut next, happens),
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Shop>> {
        let mut laws = vec![
            Property::always(NO_LOST_CHARGE, |_, world: &World| {
                with_truth(world).all(|(row, charged)| {
                    charged == 0
                        || matches!(
                            row.state,
                            SaleState::Sent
                                | SaleState::Unknown
                                | SaleState::Parked
                                | SaleState::Settled
                        )
                })
            }),
            Property::always(NO_PHANTOM, |_, world: &World| {
                with_truth(world)
                    .all(|(row, charged)| row.state != SaleState::Settled || charged == 1)
            }),
            Property::always(NO_DOUBLE_CHARGE, |_, world: &World| {
                (0..2).all(|order| paid(world, order) <= 1)
            }),
            Property::always(NO_BLIND_RESEND, |_, world: &World| {
                world.rows.iter().all(|row| row.left <= 1)
                    && (0..2).all(|order| {
                        let attempts: Vec<&Row> = world.attempts(order).collect();
                        attempts.split_last().is_none_or(|(_, before)| {
                            before
                                .iter()
                                .all(|row| row.state.is_final() && row.state != SaleState::Settled)
                        })
                    })
            }),
            Property::always(WRITE_AHEAD, |_, world: &World| {
                world
                    .rows
                    .iter()
                    .all(|row| !row.left_unmarked && !row.acknowledged_early)
            }),
            Property::always(HONEST_SCREEN, |_, world: &World| {
                with_truth(world).all(|(row, charged)| match row.told {
                    Told::Nothing => true,
                    Told::Charged => row.state == SaleState::Settled,
                    Told::NotCharged => {
                        charged == 0
                            && matches!(row.state, SaleState::Declined | SaleState::Cancelled)
                    }
                })
            }),
            Property::always(LEGAL, |_, world: &World| !world.refused),
            // Every history ends (the checker's own walk shows that there is no way back to a moment that was); so what holds at the ends
            // holds of every history at last.
            Property::always(ENDS, |shop: &Shop, world: &World| {
                let mut moves = Vec::new();
                if !at_rest(world) {
                    return true;
                }
                shop.actions(world, &mut moves);
                !moves.is_empty() || (0..2).all(|order| decided(world, order))
            }),
            Property::sometimes("a sale succeeds", |_, world: &World| {
                settled(world, |row| row.by == Some(By::Answer))
            }),
            Property::sometimes("a card is declined", |_, world: &World| {
                world
                    .rows
                    .iter()
                    .any(|row| row.state == SaleState::Declined)
            }),
            Property::sometimes(
                "a declined bill is paid at the next try",
                |_, world: &World| {
                    (0..2).any(|order| {
                        let states: Vec<SaleState> =
                            world.attempts(order).map(|row| row.state).collect();
                        states == [SaleState::Declined, SaleState::Settled]
                    })
                },
            ),
            Property::sometimes("a person settles an unknown", |_, world: &World| {
                settled(world, |row| row.by == Some(By::Person))
            }),
            Property::sometimes("a person releases an unknown", |_, world: &World| {
                world
                    .rows
                    .iter()
                    .any(|row| row.by == Some(By::Person) && row.state == SaleState::Cancelled)
            }),
            Property::sometimes("both bills are paid by card", |_, world: &World| {
                (0..2).all(|order| {
                    world
                        .attempts(order)
                        .any(|row| row.state == SaleState::Settled)
                })
            }),
        ];
        if self.faults.crashes > 0 {
            laws.push(Property::sometimes(
                "a sale whose console died is settled",
                |_, world: &World| settled(world, |row| row.orphaned),
            ));
        }
        if self.can_be_asked() && self.can.echoes_sequence_number {
            laws.push(Property::sometimes(
                "the terminal settles an unknown",
                |_, world: &World| settled(world, |row| row.by == Some(By::Inquiry)),
            ));
        }
        if self.can.echoes_sequence_number && self.faults.crashes > 0 {
            laws.push(Property::sometimes(
                "a late answer settles an unknown",
                |_, world: &World| settled(world, |row| row.orphaned && row.by == Some(By::Answer)),
            ));
        }
        // An amount that never arrives takes a line that loses it.
        let loses = self.faults.lost > 0 || self.faults.reboots > 0;
        if loses && self.can.not_found == NotFoundPower::SameJournal {
            laws.push(Property::sometimes(
                "the terminal proves that nothing was charged",
                |_, world: &World| {
                    world
                        .rows
                        .iter()
                        .any(|row| row.by == Some(By::Inquiry) && row.state == SaleState::Cancelled)
                },
            ));
        }
        laws
    }
}

fn with_truth(world: &World) -> impl Iterator<Item = (&Row, u8)> {
    world.rows.iter().zip(world.terminal.charged)
}

fn settled(world: &World, how: fn(&Row) -> bool) -> bool {
    world
        .rows
        .iter()
        .any(|row| row.state == SaleState::Settled && how(row))
}

/// How often a bill is paid, in truth.
fn paid(world: &World, order: u8) -> u8 {
    let cards: u8 = with_truth(world)
        .filter(|(row, _)| row.order == order)
        .map(|(_, charged)| charged)
        .sum();
    cards + u8::from(world.cash[usize::from(order)])
}

/// Nothing is under way outside: only then can nothing be left to happen.
fn at_rest(world: &World) -> bool {
    world.outward.is_empty()
        && world.terminal.running.is_none()
        && world.terminal.unsaid.is_none()
        && world.left.reboots == 0
        && (world.inward.is_empty() || world.console == Console::Off)
}

fn decided(world: &World, order: u8) -> bool {
    let listed = |row: &Row| {
        matches!(
            row.state,
            SaleState::Sent | SaleState::Unknown | SaleState::Parked
        )
    };
    paid(world, order) == 1 && world.console == Console::Register
        || world.attempts(order).any(listed)
}
