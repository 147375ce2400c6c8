//! 手動操作: work at a terminal by hand, as a task of two sides, the terminal's and ours, each with who, when and what it shows.
//!
//! ```text
//!  ByHand ─ off the link ─ operated ─ terminal's slip typed (Posted) ─ back on the link, proved ─ done
//!     └── or given up (Released) ──────────────────────────────────────────────┘
//! ```
//!
//! Where the counter comes first (a setting of the site), our slip is booked at once and the terminal's follows.

use serde::{Deserialize, Serialize};

use chrono::{DateTime, FixedOffset};

use super::ledger::{CatId, SaleState};
use super::sale::Operator;
use crate::teeth::{self, Tooth};

/// The two books that a piece of work by hand is done in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The card terminal.
    Terminal,
    /// Our own slip.
    Counter,
}

/// Why it is done by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The link does not carry it: a 取消 or 返品, a card or an amount it does not take.
    NotCarried,
    /// The link was to carry it and did not; nothing was charged.
    LinkFailed,
    /// It was made at the terminal while the console was off or the terminal was off the link; only our slip is missing.
    MadeStandalone,
    /// What became of a linked sale is looked for at the terminal.
    Outcome,
}

/// Which terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its port, where it is linked: then it is taken off the link first and put back afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cat: Option<CatId>,
    /// 連携機種: whose words the steps are in.
    pub model: String,
}

/// One step that leaves no slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The terminal was taken off the link, as the operator says.
    OffLink,
    /// The operation at the terminal was done, as the operator says; its slip is not typed yet.
    Operated,
    /// The terminal is on the link again: it answered.
    BackOnLink,
    /// 中断: set aside. Anybody may go on.
    Paused,
    /// Taken up again.
    Resumed,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: DateTime<FixedOffset>,
    /// Who.
    pub operator: Operator,
}

/// Why a task is let go without its proof, and which two people say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// When, and who explained.
    pub mark: Mark,
    /// The second person.
    pub second: Operator,
    /// Why.
    pub reason: String,
}

/// A piece of work by hand, as its entries tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandWork {
    /// Why by hand.
    pub why: Why,
    /// Which side comes first.
    pub first: Side,
    /// At which terminal.
    pub place: Place,
    /// Who began, and when.
    pub begun: Mark,
    /// Off the link.
    pub off_link: Option<Mark>,
    /// Operated.
    pub operated: Option<Mark>,
    /// The terminal's side is in: its slip was typed, or it was given up.
    pub terminal: Option<Mark>,
    /// Our side is booked.
    pub counter: Option<Mark>,
    /// Back on the link, proved by an answer.
    pub back_on_link: Option<Mark>,
    /// Set aside.
    pub paused: Option<Mark>,
    /// Let go without its proof.
    pub explained: Option<Explanation>,
}

/// What is to be done next. In the order of the stage bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 連動解除: take the terminal off the link.
    LeaveLink,
    /// 端末で操作: operate on the terminal.
    Operate,
    /// 控えの番号: type what its slip says.
    EnterSlip,
    /// 連動に戻す: put it back, proved by an answer.
    BackToLink,
    /// 完了.
    Done,
}

impl HandWork {
    /// Work that begins now.
    pub fn begin(why: Why, first: Side, place: Place, begun: Mark) -> HandWork {
        HandWork {
            why,
            first,
            place,
            begun,
            off_link: None,
            operated: None,
            terminal: None,
            counter: None,
            back_on_link: None,
            paused: None,
            explained: None,
        }
    }

    /// One step is done. A step that was done before stays as it was first.
    pub fn step(&mut self, step: Step, mark: Mark) {
        let slot = match step {
            Step::OffLink => {
                // Off again after it was back: the way back is open anew.
                if self.back_on_link.take().is_some() {
                    self.off_link = None;
                }
                &mut self.off_link
            }
            Step::Operated => &mut self.operated,
            Step::BackOnLink => &mut self.back_on_link,
            Step::Paused => {
                self.paused = Some(mark);
                return;
            }
            Step::Resumed => {
                self.paused = None;
                return;
            }
        };
        slot.get_or_insert(mark);
        self.paused = None;
    }

    /// What comes next for a sale in this state. The order is that of the stage bar: a slip that was typed while the terminal was never off
    /// the link skips the way there, not the proof that it answers.
    pub fn stage(&self, state: SaleState) -> Stage {
        let linked = self.place.cat.is_some();
        let explained = self.explained.is_some() && state.is_final();
        if explained {
            return Stage::Done;
        }
        if state.is_final() {
            return match (&self.off_link, &self.back_on_link) {
                (Some(_), None) if !teeth::bites(Tooth::WorkEndsWithTheSlip) => Stage::BackToLink,
                _ => Stage::Done,
            };
        }
        match (&self.off_link, &self.operated) {
            (None, None) if linked && self.why != Why::MadeStandalone => Stage::LeaveLink,
            (_, None) if self.why != Why::MadeStandalone => Stage::Operate,
            _ => Stage::EnterSlip,
        }
    }

    /// True where the terminal was taken off the link and has not answered since.
    pub fn is_off_link(&self) -> bool {
        self.off_link.is_some() && self.back_on_link.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        Mark {
            at: "2026-11-21T10:00:00+09:00".parse().expect("a time"),
            operator: Operator {
                code: "03".into(),
                name: "佐藤".into(),
            },
        }
    }

    fn work(why: Why, linked: bool) -> HandWork {
        let place = Place {
            cat: linked.then_some(CatId::Cat1),
            model: "jt-c60".into(),
        };
        HandWork::begin(why, Side::Terminal, place, mark())
    }

    #[test]
    fn what_comes_next_at_each_point() {
        use SaleState::{ByHand, Cancelled, Settled};
        use Step::{BackOnLink, OffLink, Operated, Paused, Resumed};
        for (why, linked, steps, state, next) in [
            (Why::NotCarried, true, &[][..], ByHand, Stage::LeaveLink),
            (Why::NotCarried, true, &[OffLink], ByHand, Stage::Operate),
            (
                Why::NotCarried,
                true,
                &[OffLink, Paused, Resumed, Operated],
                ByHand,
                Stage::EnterSlip,
            ),
            (
                Why::NotCarried,
                true,
                &[OffLink, Operated],
                Settled,
                Stage::BackToLink,
            ),
            (
                Why::NotCarried,
                true,
                &[OffLink],
                Cancelled,
                Stage::BackToLink,
            ),
            (
                Why::NotCarried,
                true,
                &[OffLink, Operated, BackOnLink],
                Settled,
                Stage::Done,
            ),
            (
                Why::NotCarried,
                true,
                &[OffLink, BackOnLink, OffLink],
                ByHand,
                Stage::Operate,
            ),
            (
                Why::NotCarried,
                true,
                &[OffLink, BackOnLink, OffLink],
                Settled,
                Stage::BackToLink,
            ),
            (Why::NotCarried, true, &[], Cancelled, Stage::Done),
            (Why::NotCarried, false, &[], ByHand, Stage::Operate),
            (Why::NotCarried, false, &[Operated], Settled, Stage::Done),
            (Why::MadeStandalone, true, &[], ByHand, Stage::EnterSlip),
            (Why::MadeStandalone, true, &[], Settled, Stage::Done),
        ] {
            let mut work = work(why, linked);
            for step in steps {
                work.step(*step, mark());
            }
            assert_eq!(
                work.stage(state),
                next,
                "{why:?} {linked} {steps:?} {state:?}"
            );
        }
    }

    #[test]
    fn an_explanation_ends_the_work_only_where_the_money_is_settled() {
        let mut work = work(Why::NotCarried, true);
        work.step(Step::OffLink, mark());
        work.explained = Some(Explanation {
            mark: mark(),
            second: mark().operator,
            reason: "端末を交換した".into(),
        });
        assert_eq!(work.stage(SaleState::ByHand), Stage::Operate);
        assert_eq!(work.stage(SaleState::Settled), Stage::Done);
    }
}
