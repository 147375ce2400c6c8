//! Every history of a small counter: two bills, one terminal, a line that loses and doubles, a console that dies, people who answer honestly.
//!
//! The whole of it is walked by a model checker, once for each class of terminal that the recovery tells apart. `docs/checking.md` says what is
//! in the model, what is not, and how to walk the larger instances.

#[path = "model_check/console.rs"]
mod console;
#[path = "model_check/laws.rs"]
mod laws;
#[path = "model_check/shop.rs"]
mod shop;
#[path = "model_check/terminal.rs"]
mod terminal;
#[path = "model_check/unknown.rs"]
mod unknown;
#[path = "model_check/words.rs"]
mod words;
#[path = "model_check/world.rs"]
mod world;

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use stateright::{Checker, HasDiscoveries, Model, Path};

use laws::{
    ENDS, HONEST_SCREEN, LEGAL, NO_BLIND_RESEND, NO_DOUBLE_CHARGE, NO_LOST_CHARGE, NO_PHANTOM,
    WRITE_AHEAD,
};
use shop::{Days, Planted, Shop};
use world::Move;

/// Which days are walked: `full` for those of the continuous integration, `all` for everything that goes wrong in one history, `people` for
/// that and what people may do about it (hours).
const VARIABLE: &str = "MADOGUCHI_MODEL";

#[test]
fn no_history_of_a_small_counter_loses_a_charge_or_lies() {
    let days: &[Days] = match std::env::var(VARIABLE).as_deref() {
        Ok("all") => &[Days::Everything],
        Ok("people") => &[Days::EverythingAndPeople],
        Ok("full") => &[
            Days::Calm,
            Days::TwoCrashes,
            Days::BadLine,
            Days::BadTerminal,
            Days::ThirdTry,
        ],
        _ => &[Days::Ordinary, Days::Restarting],
    };
    let mut all = 0;
    for days in days {
        for shop in Shop::classes() {
            let shop = shop.on(*days);
            let name = shop.name;
            let states = if matches!(days, Days::Everything | Days::EverythingAndPeople) {
                // In depth: what waits to be walked is then a handful of moments, and memory is the marks of those that were.
                walked(shop.checker().threads(2).spawn_dfs().join())
            } else {
                walked(shop.checker().threads(2).spawn_bfs().join())
            };
            println!("{states:>9} states  {days:?}, {name}");
            all += states;
        }
    }
    println!("{all:>9} states");
    assert!(all >= 1_000_000, "{all} states are too few to mean much");
}

/// All of it was walked and every law holds: how many distinct states.
fn walked(checker: impl Checker<Shop>) -> usize {
    assert!(checker.is_done(), "not all of it");
    checker.assert_properties();
    checker.unique_state_count()
}

/// What a planted rule breaks first, at which terminal. A checker that would not see these proves nothing by seeing nothing.
const TEETH: [(Planted, &str, Days, &str); 23] = {
    use Days::{BadLine, BadTerminal, Calm, Ordinary};
    use Planted as P;
    const NO_INQUIRY: &str = "no inquiry";
    const NO_NUMBERS: &str = "no inquiry, no numbers";
    const LAST: &str = "last only";
    const TWINS: &str = "last only, no numbers";
    const FORGETFUL: &str = "by reference, not found proves nothing";
    const PROVES: &str = "by reference, not found proves it";
    [
        (P::ResendsOnSilence, NO_INQUIRY, Calm, NO_BLIND_RESEND),
        (P::ResendsOnSilence, NO_INQUIRY, Calm, NO_DOUBLE_CHARGE),
        (P::TakesSilenceForNo, PROVES, Calm, NO_LOST_CHARGE),
        (P::TakesSilenceForNo, PROVES, Calm, NO_DOUBLE_CHARGE),
        (P::TakesAnyNotFound, LAST, BadTerminal, NO_LOST_CHARGE),
        (P::TakesAnyNotFound, FORGETFUL, BadTerminal, HONEST_SCREEN),
        (P::IgnoresTheJournal, PROVES, BadTerminal, NO_LOST_CHARGE),
        (P::TakesRunningForNotFound, PROVES, Calm, HONEST_SCREEN),
        (P::MarksAfterSending, PROVES, Ordinary, WRITE_AHEAD),
        (P::MarksAfterSending, PROVES, Ordinary, NO_LOST_CHARGE),
        (P::ForgetsWhatWasSent, PROVES, Ordinary, NO_LOST_CHARGE),
        (P::ReadsNoFields, PROVES, BadLine, NO_PHANTOM),
        (P::ReadsNoFields, NO_NUMBERS, BadLine, NO_PHANTOM),
        (P::TakesTwins, TWINS, Ordinary, NO_PHANTOM),
        (P::AcknowledgesFirst, PROVES, Calm, WRITE_AHEAD),
        (P::ShowsFirst, NO_INQUIRY, Calm, HONEST_SCREEN),
        (
            P::RetriesWhileUnknown,
            NO_INQUIRY,
            Ordinary,
            NO_BLIND_RESEND,
        ),
        (P::ForgetsWhatIsParked, NO_INQUIRY, Calm, NO_DOUBLE_CHARGE),
        (P::TakesResetForNo, NO_INQUIRY, Calm, NO_LOST_CHARGE),
        (P::SendsWhatIsReleased, PROVES, Calm, HONEST_SCREEN),
        (P::BooksEveryAnswer, PROVES, BadLine, LEGAL),
        (P::LeavesTheIntent, PROVES, Ordinary, ENDS),
        (P::HastyOperator, NO_INQUIRY, Calm, HONEST_SCREEN),
    ]
};

#[test]
fn every_planted_rule_is_found_out() {
    for (planted, class, days, law) in TEETH {
        let path = first_break(Shop::class(class).on(days).with(planted), law);
        assert!(
            path.is_some(),
            "{planted:?} at \"{class}\" breaks no \"{law}\""
        );
    }
}

#[test]
fn the_laws_hold_where_nothing_is_planted() {
    // The same shops and the same days as those of the planted rules.
    let mut walked = BTreeSet::new();
    for (_, class, days, _) in TEETH {
        if days == Days::Calm && walked.insert(class) {
            let checker = Shop::class(class).on(days).checker().spawn_bfs().join();
            checker.assert_properties();
        }
    }
    assert!(walked.len() > 1);
}

#[test]
fn a_charge_that_a_crash_forgets_is_told_with_its_history() {
    let shop = Shop::class("no inquiry, no numbers")
        .on(Days::Ordinary)
        .with(Planted::ForgetsWhatWasSent);
    let path = first_break(shop, NO_LOST_CHARGE).expect("a broken law");
    let happened = path.into_actions();
    let at = |step: Move| happened.iter().position(|happens| *happens == step);
    let (sent, died, again) = (at(Move::Send), at(Move::Crash), at(Move::Restart));
    assert!(
        sent.is_some() && sent < died && died < again,
        "{happened:?}"
    );
}

fn first_break(shop: Shop, law: &'static str) -> Option<Path<world::World, Move>> {
    shop.checker()
        .finish_when(HasDiscoveries::AnyOf(BTreeSet::from([law])))
        .spawn_bfs()
        .join()
        .discovery(law)
}

/// No history comes back to a moment that was: so each ends, and what holds at the ends holds of each at last. (The checker's own
/// `eventually` is not sound where histories meet.)
#[test]
fn every_history_ends() {
    for shop in Shop::classes() {
        let shop = shop.on(Days::Calm);
        // Of each moment: true while the walk is below it, false once all that follows it has ended.
        let mut below: HashMap<_, bool> = HashMap::new();
        let mut walk: Vec<(_, std::vec::IntoIter<world::World>)> = Vec::new();
        let mut enter = shop.init_states();
        let mut ends = 0;
        loop {
            for world in enter.drain(..) {
                let mark = mark_of(&world);
                match below.get(&mark) {
                    Some(true) => panic!("\"{}\" comes back to {world:?}", shop.name),
                    Some(false) => {}
                    None => {
                        let next = shop.next_states(&world);
                        ends += usize::from(next.is_empty());
                        below.insert(mark, true);
                        walk.push((mark, next.into_iter()));
                    }
                }
            }
            let Some((mark, rest)) = walk.last_mut() else {
                break;
            };
            match rest.next() {
                Some(world) => enter.push(world),
                None => {
                    below.insert(*mark, false);
                    walk.pop();
                }
            }
        }
        assert!(ends > 0, "\"{}\" has no end", shop.name);
        println!("{ends:>9} ends  {}", shop.name);
    }
}

fn mark_of(world: &world::World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn every_law_is_broken_by_some_planted_rule() {
    let bitten: BTreeSet<&str> = TEETH.iter().map(|(.., law)| *law).collect();
    let laws: BTreeSet<&str> = Shop::classes()[0]
        .properties()
        .iter()
        .filter(|law| law.expectation == stateright::Expectation::Always)
        .map(|law| law.name)
        .collect();
    assert_eq!(laws, bitten);
}
