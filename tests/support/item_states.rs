//! The catalogue on the screen: the list, and a file being taken in.

use madoguchi::app::key::{Input, Key, KeyPress};
use madoguchi::app::message::items::{
    Clash, Goods, GoodsEvent, GoodsFile, GoodsTrouble, Imported, ItemPage, ItemQuery, ItemsAnswer,
    Progress,
};
use madoguchi::app::message::{Message, Stored};
use madoguchi::app::{State, update};
use madoguchi::domain::item::sheet::{BadLine, Column, Fault, HeadingFault};
use madoguchi::domain::item::{Item, Jan};
use madoguchi::domain::money::{AmountError, Yen};
use madoguchi::domain::sale::{Line, TaxClass};

use super::shop::now;

fn press(state: &mut State, key: Key) {
    let press = KeyPress { key, bytes: vec![] };
    update(state, now(), Message::Input(Input::Key(press)));
    // Each picture is of a hand that has let go.
    state.typing = Default::default();
}

fn item(code: &str, jan: &str, name: &str, price: i64, tax: TaxClass, quick: Option<u8>) -> Item {
    Item {
        code: code.into(),
        jan: (!jan.is_empty()).then(|| Jan::parse(jan).expect("a JAN")),
        name: name.into(),
        kana: String::new(),
        price: Yen::new(price),
        tax,
        quick,
    }
}

fn shelf() -> Vec<Item> {
    use TaxClass::{NonTaxable, Reduced, Taxable};
    vec![
        item(
            "OS-1",
            "49012347",
            "経口補水液 500mL",
            216,
            Reduced,
            Some(1),
        ),
        item(
            "M-01",
            "4901234567894",
            "マスク 30枚",
            330,
            Taxable,
            Some(2),
        ),
        item("BOOK-03", "", "母子健康手帳ケース", 1_980, Taxable, None),
        item(
            "SHINDAN",
            "",
            "診断書 (自費・英文)",
            11_000,
            NonTaxable,
            None,
        ),
    ]
}

fn page(state: &mut State, words: &str, rows: Vec<Item>, total: u64, more: bool) {
    let query = ItemQuery {
        words: words.into(),
        limit: 200,
    };
    let page = ItemPage {
        query,
        rows,
        more,
        total,
    };
    update(
        state,
        now(),
        Message::Stored(Stored::Items(ItemsAnswer::Page(page))),
    );
}

/// Goods and a bill's line of one basket: three tax classes.
pub(crate) fn basket(mut state: State) -> State {
    state.basket.lines = vec![
        Line {
            name: "再診料・処置".into(),
            unit: Yen::new(1_230),
            quantity: 1,
            tax: TaxClass::NonTaxable,
        },
        shelf()[1].line(2),
        shelf()[0].line(3),
    ];
    state
}

pub(crate) fn list(mut state: State) -> State {
    press(&mut state, Key::F(2));
    page(&mut state, "", shelf(), 12_345, true);
    press(&mut state, Key::Down);
    state
}

pub(crate) fn none_yet(mut state: State) -> State {
    press(&mut state, Key::F(2));
    page(&mut state, "", vec![], 0, false);
    state
}

pub(crate) fn nothing_found(mut state: State) -> State {
    press(&mut state, Key::F(2));
    for c in "しっぷ".chars() {
        press(&mut state, Key::Char(c));
    }
    page(&mut state, "しっぷ", vec![], 12_345, false);
    state
}

fn tell(state: &mut State, event: GoodsEvent) {
    update(state, now(), Message::Goods(event));
}

fn at_files(mut state: State, files: Vec<(&str, u64)>) -> State {
    press(&mut state, Key::F(2));
    press(&mut state, Key::F(2));
    let files = files.into_iter().map(|(name, bytes)| GoodsFile {
        name: name.into(),
        bytes,
    });
    let files = Ok(files.collect());
    let folder = "/var/lib/madoguchi/imports".into();
    tell(&mut state, GoodsEvent::Files { folder, files });
    state
}

pub(crate) fn files(state: State) -> State {
    at_files(
        state,
        vec![("商品マスタ2026.csv", 8_812_441), ("old.csv", 512)],
    )
}

pub(crate) fn no_files(state: State) -> State {
    at_files(state, vec![])
}

fn begun(state: State) -> State {
    let mut state = files(state);
    press(&mut state, Key::Enter);
    state
}

pub(crate) fn reading(state: State) -> State {
    let mut state = begun(state);
    let progress = Progress {
        bytes: 7_000_000,
        of: 17_624_882,
        good: 31_204,
        bad: 12,
    };
    tell(
        &mut state,
        GoodsEvent::Progress {
            reading: 1,
            progress,
        },
    );
    state
}

fn bad(line: u64, last: u64, begins: &str, fault: Fault) -> BadLine {
    BadLine {
        line,
        last,
        begins: begins.into(),
        fault,
    }
}

fn read(state: State, bad: Vec<BadLine>, bad_count: u64) -> State {
    let mut state = begun(state);
    let goods = Goods {
        encoding: "CP932".into(),
        items: shelf(),
        bad,
        bad_count,
        ignored: vec!["棚番".into(), "仕入先".into()],
    };
    let result = Ok(Box::new(goods));
    tell(&mut state, GoodsEvent::Read { reading: 1, result });
    state
}

pub(crate) fn report(state: State) -> State {
    let text = |text: &str| text.to_owned();
    let lines = vec![
        bad(12, 12, "M-02 マスク 330", Fault::Tax(text("5%"))),
        bad(
            40,
            40,
            "T-9 4901234567895 歯ブラシ",
            Fault::JanCheck {
                jan: text("4901234567895"),
                wants: '4',
            },
        ),
        bad(41, 58, "K-1 \"ケース", Fault::OpenQuote),
        bad(
            60,
            60,
            "M-01 マスク",
            Fault::Double {
                column: Column::Code,
                value: text("M-01"),
                line: 3,
            },
        ),
        bad(
            77,
            77,
            "X 湿布",
            Fault::Price(text("-100"), AmountError::Negative),
        ),
        bad(78, 78, "Y", Fault::JanRounded(text("4.90123E+12"))),
    ];
    read(state, lines, 1_204)
}

pub(crate) fn report_good(state: State) -> State {
    read(state, vec![], 0)
}

fn written(state: State, done: Result<Imported, Clash>) -> State {
    let mut state = report_good(state);
    // The answer is held until it is surely no first digit of a burst.
    let one = KeyPress {
        key: Key::Char('1'),
        bytes: vec![],
    };
    update(&mut state, now(), Message::Input(Input::Key(one)));
    let later = madoguchi::app::message::Now {
        mono_ms: now().mono_ms + 1_000,
        ..now()
    };
    update(&mut state, later, Message::TimeReached);
    let answer = ItemsAnswer::Imported(done);
    update(&mut state, later, Message::Stored(Stored::Items(answer)));
    // The pictures are all of one moment.
    state.now = now();
    state
}

pub(crate) fn imported(state: State) -> State {
    written(
        state,
        Ok(Imported {
            added: 1_200,
            changed: 3,
            same: 11_142,
            removed: 0,
            total: 12_345,
        }),
    )
}

pub(crate) fn clash(state: State) -> State {
    written(
        state,
        Err(Clash::Taken {
            column: Column::Jan,
            value: "4901234567894".into(),
            code: "M-01".into(),
            held_by: "MASK-OLD".into(),
        }),
    )
}

pub(crate) fn no_goods(state: State) -> State {
    let mut state = begun(state);
    let missing = HeadingFault::Missing(vec![Column::Price, Column::Tax]);
    let result = Err(GoodsTrouble::Heading(missing));
    tell(&mut state, GoodsEvent::Read { reading: 1, result });
    state
}
