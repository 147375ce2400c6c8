//! The hunt bites: every seeded bug of `teeth` is caught by it, by a rule that is meant to catch it, and no rule cries where there is none.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use madoguchi::simulation::{Bench, Invariant, Operation, Settings};
use madoguchi::teeth::{self, Tooth};

/// No bug may live longer than so many sessions.
const SESSIONS_MAX: u64 = 6_000;
/// Sessions without a bug that one thread plays in one go.
const CHUNK: u64 = 100;

/// What a bug was caught by: the rule, and the seed of the session.
#[derive(Debug, Clone)]
struct Caught {
    invariant: Invariant,
    seed: u64,
    what: String,
}

/// How a bug is hunted: with every trouble and every operation, or with what wakes it, where that is rare among the rest.
fn weather(tooth: Tooth) -> Settings {
    use Operation::{CardSale, Night, PartBack, Split, TakeBack};
    use Tooth as T;
    let (faults, often): (&str, &'static [Operation]) = match tooth {
        T::WaitsByTheWallClock => ("clock,half-open,delayed", &[CardSale]),
        // Only the silence of a terminal that has heard it all makes it bite.
        T::MessageAgainOnSilence => ("byte-lost,half-open,delayed", &[CardSale]),
        // Only a lost sale of the amount of the one before it makes it bite.
        T::TwinIsBelieved | T::AnyNumberFits => ("line-cut,script", &[CardSale]),
        T::ResendOnNoAcknowledgement | T::NoAcknowledgementIsNotCharged => {
            ("nak-storm,half-open,byte-lost", &[CardSale])
        }
        T::UndoAbovePaid => ("none", &[PartBack, CardSale]),
        // The books themselves refuse more than was paid in all: it takes one money of two.
        T::UndoTwice => ("none", &[Split, TakeBack]),
        T::OtherMoneyAlone | T::OnePersonIsTwo => ("none", &[TakeBack, CardSale]),
        T::VoidOnAnotherDay | T::VoidAfterDailyLog => ("none", &[TakeBack, CardSale, Night]),
        // 銀聯, too late: no other credit is refused on the way back.
        T::CreditInCash => ("clock-years", &[TakeBack, CardSale]),
        T::UndoNamesTheSlipBefore | T::UndoBookedBeforeAnswer => ("line,script", &[TakeBack]),
        T::PracticeUndoIsLive => ("none", &[TakeBack]),
        T::OldStateIsTheNewest => ("half-open,delayed", &[CardSale]),
        T::PartsAreNotSummed | T::BookedPartIsAskedAgain => ("none", &[Split]),
        _ => ("all", &[]),
    };
    Settings {
        faults: faults.parse().expect("faults of the hunt"),
        often,
        story: false,
    }
}

fn hunt(tooth: Tooth) -> Option<Caught> {
    // Of its own: a bug may leave marks in the file.
    let mut bench = Bench::new().expect("a folder for books");
    let weather = weather(tooth);
    let caught = (0..SESSIONS_MAX).find_map(|seed| {
        let outcome = teeth::with(tooth, || bench.run(seed, &weather));
        let outcome = outcome.expect("books open");
        outcome.violations.first().map(|violation| Caught {
            invariant: violation.invariant,
            seed,
            what: violation.what.clone(),
        })
    });
    // At once: a run that is stopped has said what it found.
    match &caught {
        Some(Caught {
            invariant,
            seed,
            what,
        }) => println!(
            "{tooth:<30?} {:<25} {seed:>5}  {what}",
            invariant.to_string()
        ),
        None => println!("{tooth:<30?} survives"),
    }
    caught
}

/// Every item on its own, by as many threads as there are processors.
fn each<T: Sync, R: Send>(items: &[T], act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, item)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    items.get(index).map(|item| (index, item))
                } {
                    let result = act(item);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The rules that are meant to catch a bug.
fn meant(tooth: Tooth) -> &'static [Invariant] {
    use Invariant as I;
    use Tooth as T;
    match tooth {
        T::SendBeforeMark | T::SendWithoutMark => &[I::WriteAhead],
        T::SendTwice => &[I::OneDriver],
        // A second amount that the session refuses makes the first look as if nothing had left.
        T::ResendOnTimeout
        | T::ResendOnReconnect
        | T::ResendOnNoAcknowledgement
        | T::ResendOnGarbled => &[I::NoBlindResend, I::NoLostCharge],
        T::MessageAgainOnSilence => &[I::NoBlindResend],
        T::FirstLineIsAsked => &[I::RightAnswer],
        T::PracticeAsksForMoney | T::MoneyAsksForPractice | T::PracticeTakesLiveNumbers => {
            &[I::PracticeIsolation]
        }
        T::AnyNumberFits | T::TwinIsBelieved => &[I::NoPhantom, I::RightAnswer],
        T::AnyAmountFits
        | T::AnyKindFits
        | T::AnyModeFits
        | T::AnyTimeFits
        | T::LateAnswerNeedsNoNumber
        | T::AnotherTerminalIsAsked
        | T::CheckIsIgnored => &[I::RightAnswer],
        // What is released is charged, or will be.
        T::ForeignAnswerIsDeclined
        | T::LostCentreIsDeclined
        | T::CutIsNotCharged
        | T::NoAcknowledgementIsNotCharged
        | T::RefusedIsNotCharged
        | T::NoAnswerIsNotCharged
        | T::GarbledIsNotCharged
        | T::CutWaitIsNothing
        | T::ExposureIsForgotten
        | T::AnyAmountIsProof
        | T::BackOutAfterSent => &[I::NoLostCharge, I::HonestScreen],
        // Closed before anybody looked: the console has nowhere to go from there.
        T::SentAtStartIsNotSent => &[I::NoLostCharge, I::HonestScreen, I::RecoveryEnds],
        T::RunningIsNotFound
        | T::AnotherFoundIsNotFound
        | T::LastOnlyProves
        | T::NotFoundAlwaysProves
        | T::AnyMemoryProves
        | T::AnyTerminalProves
        | T::NotFoundOnceProves
        | T::GivingUpIsNotCharged => &[I::NoLostCharge, I::RightAnswer],
        T::AsksForEver => &[I::RecoveryEnds],
        T::ShortSlipIsProof => &[I::NoPhantom],
        T::ResultIsNotHeld | T::AcknowledgeBeforeWritten => &[I::WriteAhead],
        // What the books would have told of is not counted yet, either.
        T::ShownBeforeWritten => &[I::HonestScreen, I::TasksListed],
        T::RefusedWriteIsShown | T::UnknownShownAsNotCharged | T::ParkedShownAsNotCharged => {
            &[I::HonestScreen]
        }
        // What is open is on no list.
        T::RefusedWriteIsForgotten
        | T::UnknownIsNotListed
        | T::ParkedLeavesTheList
        | T::StartForgetsOpen
        | T::StartForgetsParked
        | T::SecondTerminalIsNotRead => &[I::NoLostCharge],
        T::RefusalIsNotSaid => &[I::NoSilentStop],
        // The order is paid twice, or stands at the counter as if what was open of it had not been.
        T::OpenOrderTakesCash => &[I::NoDoubleCharge, I::HonestScreen],
        T::WaitsForEver | T::WaitsByTheWallClock | T::DayOfSettlement => &[I::ClockIndependence],
        T::SentAtStartIsPaid => &[I::NoPhantom, I::RightAnswer],
        T::ShownAgainAndAgain => &[I::IdempotentRecovery],
        T::EachRunBeginsAtOne | T::SameNumberAgain => &[I::LegalTransitions],
        // In a crash image, or at the end of the day where the second commit was refused.
        T::SaleInTwoCommits
        | T::OutcomeInTwoCommits
        | T::OutcomeHasNoRow
        | T::TenderHasNoRow
        | T::HashLeavesOutTheBody
        | T::HashLeavesOutTheOneBefore => &[I::CrashAtomicity, I::TamperEvidence],
        T::MomentsInSeconds => &[I::CrashAtomicity, I::AppendOnly],
        // On the screen, or in what stands of the day when 日計 is run.
        T::AttemptsAreCounted | T::DayDoesNotTurn => &[I::Sums, I::CloseIdentity],
        T::OpenedTwice => &[I::NoDoubleCharge],
        T::WrittenIsRefused => &[I::RecoveryEnds],
        T::UndoTwice | T::UndoAbovePaid => &[I::BoundedReversal, I::Authority],
        T::VoidOnAnotherDay | T::VoidAfterDailyLog | T::UndoNamesTheSlipBefore => {
            &[I::BoundedReversal]
        }
        T::CreditInCash | T::OtherMoneyAlone | T::OnePersonIsTwo | T::WhoeverOpenedDidIt => {
            &[I::Authority]
        }
        T::UndoBookedBeforeAnswer => &[I::NoPhantom, I::RightAnswer],
        T::PracticeUndoIsLive => &[I::PracticeIsolation],
        T::PartsAreNotSummed => &[I::BillOnce, I::HonestScreen],
        T::BookedPartIsAskedAgain | T::PaidBillStands => &[I::HonestScreen],
        T::CorrectionIsForgotten | T::WorkEndsWithTheSlip | T::StartForgetsTasks => {
            &[I::TasksListed]
        }
        T::NoAnswerIsTheWayBack
        | T::OldAnswerIsTheWayBack
        | T::OldStateIsTheNewest
        | T::RefusalIsTheWayBack
        | T::AnyAmountOnTheSlip
        | T::AnyNumberOffTheSlip => &[I::HandEvidence],
        T::BookedIsNotCounted => &[I::Sums],
    }
}

#[test]
fn every_seeded_bug_is_caught_by_a_rule_that_is_meant_to_and_no_rule_cries_without_one() {
    let teeth = chosen();
    let caught = each(&teeth, |tooth| hunt(*tooth));
    let mut wrong = Vec::new();
    // Each way of hunting, and how far.
    let mut hunted: Vec<(Settings, u64)> = Vec::new();
    for (tooth, caught) in teeth.iter().zip(&caught) {
        let name = format!("{tooth:?}");
        match caught {
            Some(Caught {
                invariant,
                seed,
                what,
            }) => {
                let settings = weather(*tooth);
                match hunted.iter_mut().find(|(other, _)| *other == settings) {
                    Some((_, last)) => *last = (*last).max(*seed),
                    None => hunted.push((settings, *seed)),
                }
                if !meant(*tooth).contains(invariant) {
                    wrong.push(format!("{name} is caught by {invariant}: {what}"));
                }
            }
            None => wrong.push(format!("{name} survives {SESSIONS_MAX} sessions")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    let mut chunks = Vec::new();
    for (settings, last) in &hunted {
        chunks.extend((0..=last / CHUNK).map(|chunk| (settings, chunk)));
    }
    let cries = each(&chunks, |(settings, chunk)| {
        healthy(settings, chunk * CHUNK..(chunk + 1) * CHUNK)
    });
    let cries: Vec<String> = cries.into_iter().flatten().collect();
    assert!(cries.is_empty(), "{cries:#?}");
    println!(
        "{} bugs caught; {} sessions without one are clean",
        teeth.len(),
        chunks.len() as u64 * CHUNK
    );
}

/// All of them, unless `MADOGUCHI_TEETH=Name,…` names some.
fn chosen() -> Vec<Tooth> {
    let all = Tooth::ALL.iter().copied();
    match std::env::var("MADOGUCHI_TEETH") {
        Ok(names) => all
            .filter(|tooth| names.split(',').any(|name| name == format!("{tooth:?}")))
            .collect(),
        Err(_) => all.collect(),
    }
}

/// What is cried in sessions without a bug.
fn healthy(settings: &Settings, seeds: std::ops::Range<u64>) -> Vec<String> {
    let mut bench = Bench::new().expect("a folder for books");
    let violations = seeds.flat_map(|seed| {
        let outcome = bench.run(seed, settings).expect("books open");
        let said = outcome.violations.into_iter();
        said.map(move |violation| {
            format!("seed {seed}: {}: {}", violation.invariant, violation.what)
        })
    });
    violations.collect()
}
