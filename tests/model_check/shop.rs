//! What is fixed in one instance of the model: what the terminal can do, which faults may happen, and which rule, if any, is planted wrong.

use madoguchi::cat::model::{Capabilities, InquiryPower, NotFoundPower, Timers, shipped};

/// How often each thing may happen in one history. Everything that could repeat is counted, so that every history ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Left {
    /// The console dies.
    pub(crate) crashes: u8,
    /// The line loses a message, either way.
    pub(crate) lost: u8,
    /// The line brings a message twice, either way.
    pub(crate) copied: u8,
    /// The terminal starts again.
    pub(crate) reboots: u8,
    /// The books do not take the sent mark.
    pub(crate) disk: u8,
    /// A person takes an open sale from the list.
    pub(crate) leads: u8,
    /// A person has the terminal asked once more.
    pub(crate) asks: u8,
    /// "Still running" costs no try.
    pub(crate) patience: u8,
}

/// What may go wrong in one history. The full space of all of it at once is out of reach of a small machine; of these it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Days {
    /// Nothing but what a terminal and a customer may do anyway: decline, lose the centre, answer late or never.
    Calm,
    /// One crash, one loss.
    Ordinary,
    /// The terminal starts again once, with its memory or without.
    Restarting,
    /// Two crashes, and books that once do not take the sent mark.
    TwoCrashes,
    /// One loss, one message doubled, one crash.
    BadLine,
    /// The terminal starts again once, with its memory or without, and the console dies once.
    BadTerminal,
    /// Three attempts for the two bills, and a person who has the terminal asked again.
    ThirdTry,
    /// Two crashes, loss, doubling and a terminal that starts again, in one history.
    Everything,
    /// The same, and books that once do not take the sent mark, a sale led from the list, one more question, and patience.
    EverythingAndPeople,
}

/// A rule that is planted wrong, to see that the checker would find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    /// No answer: the amount is sent once more.
    ResendsOnSilence,
    /// No answer: nothing was charged.
    TakesSilenceForNo,
    /// "Not found" proves it, whoever says it.
    TakesAnyNotFound,
    /// "Not found" proves it, whichever memory says it.
    IgnoresTheJournal,
    /// "Still running" is as good as "not found".
    TakesRunningForNotFound,
    /// The sent mark is written after the amount left.
    MarksAfterSending,
    /// The next start takes what was sent for not sent.
    ForgetsWhatWasSent,
    /// An answer is an answer, whatever it is about.
    ReadsNoFields,
    /// The last transaction of a terminal that gives no numbers is taken for ours.
    TakesTwins,
    /// The answer is acknowledged before the books have it.
    AcknowledgesFirst,
    /// The outcome is shown before the books have it.
    ShowsFirst,
    /// An order may be tried again while its first attempt is open.
    RetriesWhileUnknown,
    /// What is set aside is out of the way.
    ForgetsWhatIsParked,
    /// A terminal that was reset or lost its centre charged nothing.
    TakesResetForNo,
    /// An amount that did not leave may still be sent after it was released.
    SendsWhatIsReleased,
    /// A late answer is booked, whether its sale is open or not.
    BooksEveryAnswer,
    /// The next start leaves what was never sent as it is.
    LeavesTheIntent,
    /// The operator says "not on the terminal" without looking.
    HastyOperator,
}

/// One instance of the model.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) name: &'static str,
    pub(crate) can: Capabilities,
    pub(crate) timers: Timers,
    /// Does the answer to a question say which number was asked about?
    pub(crate) echoes_the_question: bool,
    /// The two bills, whole yen. Twins are the harder case.
    pub(crate) bills: [i64; 2],
    /// How many attempts there may be in all.
    pub(crate) attempts: usize,
    pub(crate) faults: Left,
    /// Bills of one amount that nobody has touched are taken in one order only.
    pub(crate) symmetric: bool,
    pub(crate) planted: Option<Planted>,
}

impl Shop {
    /// A terminal that numbers its answers and cannot be asked anything; the classes differ from it.
    fn plain(name: &'static str) -> Shop {
        let model = shipped().expect("the models of the program")["open-cat"].clone();
        let mut can = model.capabilities;
        can.inquiry = InquiryPower::None;
        can.not_found = NotFoundPower::Nothing;
        can.status = false;
        can.transactions = false;
        can.communication_error_is_definite = false;
        let mut timers = model.timers;
        timers.inquiry_tries = 1;
        Shop {
            name,
            can,
            timers,
            echoes_the_question: true,
            bills: [1_000, 1_000],
            attempts: 2,
            faults: Left::default(),
            symmetric: false,
            planted: None,
        }
    }

    /// Every class of terminal the recovery tells apart.
    pub(crate) fn classes() -> Vec<Shop> {
        let mut mute = Shop::plain("no inquiry");
        mute.can.status = true;

        let mut nameless = Shop::plain("no inquiry, no numbers");
        nameless.can.echoes_sequence_number = false;
        nameless.bills = [1_000, 2_000];

        let mut last = Shop::plain("last only");
        last.can.inquiry = InquiryPower::LastOnly;

        let mut twins = Shop::plain("last only, no numbers");
        twins.can.inquiry = InquiryPower::LastOnly;
        twins.can.echoes_sequence_number = false;
        twins.echoes_the_question = false;

        let mut lister = Shop::plain("a list");
        lister.can.transactions = true;

        let mut forgetful = Shop::plain("by reference, not found proves nothing");
        forgetful.can.inquiry = InquiryPower::ByReference;

        let mut open_cat = Shop::plain("by reference, not found proves it");
        open_cat.can.inquiry = InquiryPower::ByReference;
        open_cat.can.not_found = NotFoundPower::SameJournal;
        open_cat.can.status = true;

        let mut terse = open_cat.clone();
        terse.name = "by reference, not found proves it, echoes no question";
        terse.echoes_the_question = false;
        terse.can.communication_error_is_definite = true;

        vec![
            mute, nameless, last, twins, lister, forgetful, open_cat, terse,
        ]
    }

    /// The class of that name.
    pub(crate) fn class(name: &str) -> Shop {
        Shop::classes()
            .into_iter()
            .find(|shop| shop.name == name)
            .expect("a class of that name")
    }

    /// The same shop on such days.
    pub(crate) fn on(mut self, days: Days) -> Shop {
        let faults = &mut self.faults;
        match days {
            Days::Calm => {
                faults.leads = 1;
                faults.patience = 1;
            }
            Days::Ordinary => {
                faults.crashes = 1;
                faults.lost = 1;
            }
            Days::Restarting => faults.reboots = 1,
            Days::TwoCrashes => {
                faults.crashes = 2;
                faults.disk = 1;
            }
            Days::BadLine => {
                faults.crashes = 1;
                faults.lost = 1;
                faults.copied = 1;
            }
            Days::BadTerminal => {
                faults.crashes = 1;
                faults.reboots = 1;
            }
            Days::ThirdTry => {
                self.attempts = 3;
                faults.asks = 1;
            }
            Days::Everything | Days::EverythingAndPeople => {
                let people = u8::from(days == Days::EverythingAndPeople);
                faults.disk = people;
                faults.leads = people;
                faults.asks = people;
                faults.patience = people;
                faults.crashes = 2;
                faults.lost = 1;
                faults.copied = 1;
                faults.reboots = 1;
                self.symmetric = true;
            }
        }
        self
    }

    /// The same shop with a rule planted wrong.
    pub(crate) fn with(mut self, planted: Planted) -> Shop {
        self.planted = Some(planted);
        self
    }

    pub(crate) fn has(&self, planted: Planted) -> bool {
        self.planted == Some(planted)
    }

    /// Does the terminal know a number it has run, and never run it again?
    pub(crate) fn knows_numbers(&self) -> bool {
        self.can.inquiry == InquiryPower::ByReference
    }

    /// Can the console ask it what became of a sale?
    pub(crate) fn can_be_asked(&self) -> bool {
        self.can.inquiry != InquiryPower::None || self.can.transactions
    }
}
