//! The list of text ids. A name here and a name in `assets/locale.toml` are the same word, in two spellings.

macro_rules! texts {
    ($($name:ident)*) => {
        /// One text of the screen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each text is documented by itself, in assets/locale.toml")]
        pub enum Text {
            $($name,)*
        }

        impl Text {
            /// Every text.
            pub const ALL: &'static [Text] = &[$(Text::$name,)*];
        }
    };
}

texts! {
    NoLineYet
    NothingToGoBackTo
    TooManyLines
    TotalTooLarge
    BadQuantity
    NameTooLong
    LooksLikeCardNumber
    AmountEmpty
    AmountNotANumber
    AmountZero
    AmountNegative
    AmountTooLarge
    EnterTender
    PressPay
    CashShort
    CardTakenBack
    CardNotLinked
    CardHasNoPort
    ModelNeedsLayout
    TerminalHasUnresolved
    LinkSwitchedOff
    NoCardCompany
    NoSuchCard
    Writing
    BackedOutNote
    StopAtTerminal
    TooSoon
    StillAsking
    TerminalCannotBeAsked
    AnswerWithDigits
    AmountDiffers
    SlipNumberEmpty
    SlipNumberTooShort
    SlipNumberMalformed
    ParkedNote
    ResolvedElsewhere
    ForeignAnswer
    NothingUnresolved
    LastPage
    FirstPage
    NothingFound
    NothingToReissue
    ReissuedNote
    ViewerOnly
    KeyMeansNothing
    KeyUnknown
    KeyNumberWrong
    KeySaved
    KeyNotSaved
    NoKeyToAssign
    PasteRefused
    ScanRefused
    TerminalNotUtf8
    OpeningBooks
    BooksClosed
    DiskFull
    BooksReadOnly
    BooksLocked
    DiskError
    BooksRefused
    KeyIssue
    KeyPay
    KeyEnterCard
    KeyPickCard
    KeyBack
    KeyNextCustomer
    KeyRetry
    KeyOtherCard
    KeyPayCash
    KeyExactCash
    KeyToggleTax
    KeyRemoveLine
    KeySlipExists
    KeyNotOnTerminal
    KeyPark
    KeyAskTerminal
    KeyHistory
    KeyFind
    KeyReissue
    KeyUnresolved
    KeyCheckLink
    KeyMenu
    KeyKeyCheck
    KeyHelp
    KeyLeave
    KeyChoose
    KeyUp
    KeyDown
    KeyPageUp
    KeyPageDown
    KeyClose
    KeyRedraw
    HelpIssue
    HelpPay
    HelpEnterCard
    HelpPickCard
    HelpBack
    HelpNextCustomer
    HelpRetry
    HelpOtherCard
    HelpPayCash
    HelpExactCash
    HelpToggleTax
    HelpRemoveLine
    HelpSlipExists
    HelpNotOnTerminal
    HelpPark
    HelpAskTerminal
    HelpHistory
    HelpFind
    HelpReissue
    HelpUnresolved
    HelpCheckLink
    HelpMenu
    HelpKeyCheck
    HelpHelp
    HelpLeave
    HelpChoose
    HelpUp
    HelpDown
    HelpPageUp
    HelpPageDown
    HelpClose
    HelpRedraw
}

impl Text {
    /// Its name in the text file: `CashShort` is `cash_short`.
    pub fn name(self) -> String {
        let mut name = String::new();
        for c in format!("{self:?}").chars() {
            if c.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        }
        name
    }
}
