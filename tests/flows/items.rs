//! Goods: scanned, called, searched, counted up; and a file of them taken in while the counter goes on.

use super::*;
use madoguchi::app::items::Reading;
use madoguchi::app::items::import::{End, Import};
use madoguchi::app::keymap::Place;
use madoguchi::app::message::items::{
    Clash, Goods, GoodsEvent, GoodsFile, GoodsRequest, GoodsTrouble, Imported, ItemKey, ItemPage,
    ItemQuery, ItemsAnswer, ItemsRequest, Progress,
};
use madoguchi::domain::item::sheet::{BadLine, Column, Fault};
use madoguchi::domain::item::{Item, Jan};
use madoguchi::domain::sale::TaxClass;

const JAN: &str = "4901234567894";
const JAN_8: &str = "49012347";

fn item(code: &str, name: &str, price: i64, tax: TaxClass) -> Item {
    Item {
        code: code.into(),
        jan: None,
        name: name.into(),
        kana: String::new(),
        price: Yen::new(price),
        tax,
        quick: None,
    }
}

fn mask() -> Item {
    Item {
        jan: Some(Jan::parse(JAN).unwrap()),
        ..item("M-01", "マスク", 330, TaxClass::Taxable)
    }
}

fn drink() -> Item {
    item("OS-1", "経口補水液", 216, TaxClass::Reduced)
}

fn scan(desk: &mut Desk, code: &str) -> Vec<Effect> {
    desk.send(Message::Input(Input::Scan(code.into())))
}

/// The one question to the catalogue among the effects.
fn asked(effects: &[Effect]) -> Option<(ItemKey, u32)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Store(StoreRequest::Items(ItemsRequest::Find { by, quantity })) => {
            Some((by.clone(), *quantity))
        }
        _ => None,
    })
}

fn found(desk: &mut Desk, (by, quantity): (ItemKey, u32), item: Option<Item>) -> Vec<Effect> {
    let answer = ItemsAnswer::Found { by, quantity, item };
    desk.stored(Stored::Items(answer))
}

/// Scan, and let the books answer.
fn rung_up(desk: &mut Desk, code: &str, item: Option<Item>) -> Vec<Effect> {
    let effects = scan(desk, code);
    let asked = asked(&effects).expect("the catalogue is asked");
    found(desk, asked, item)
}

fn lines(desk: &Desk) -> Vec<(&str, i64, u32, TaxClass)> {
    let lines = &desk.state.basket.lines;
    lines
        .iter()
        .map(|line| (line.name.as_str(), line.unit.get(), line.quantity, line.tax))
        .collect()
}

const TWICE: Effect = Effect::Bell(2);

#[test]
fn a_scanned_jan_is_a_line_and_scanned_again_one_more_of_it() {
    let mut desk = Desk::open();
    for count in 1..=3 {
        rung_up(&mut desk, JAN, Some(mask()));
        assert_eq!(lines(&desk), [("マスク", 330, count, TaxClass::Taxable)]);
        assert_eq!(note(&desk), Some(Text::ItemRungUp));
    }
    rung_up(&mut desk, JAN_8, Some(drink()));
    rung_up(&mut desk, JAN, Some(mask()));
    assert_eq!(
        lines(&desk),
        [
            ("マスク", 330, 4, TaxClass::Taxable),
            ("経口補水液", 216, 1, TaxClass::Reduced),
        ]
    );
    assert_eq!(desk.state.due(), Yen::new(4 * 330 + 216));
}

#[test]
fn a_price_that_changed_between_two_scans_makes_a_line_of_its_own() {
    let mut desk = Desk::open();
    rung_up(&mut desk, JAN, Some(mask()));
    let dearer = Item {
        price: Yen::new(350),
        ..mask()
    };
    rung_up(&mut desk, JAN, Some(dearer));
    assert_eq!(desk.state.due(), Yen::new(680));
    assert_eq!(lines(&desk).len(), 2);
}

#[test]
fn an_unknown_jan_says_so_and_rings_up_nothing() {
    let mut desk = Desk::open();
    let effects = rung_up(&mut desk, JAN, None);
    assert!(effects.contains(&TWICE));
    assert_eq!(note(&desk), Some(Text::GoodsUnknown));
    assert!(desk.state.basket.lines.is_empty());
    // A price-embedded code of another site that looks like goods says whose it is.
    let effects = rung_up(&mut desk, "0299990006509", None);
    assert!(effects.contains(&TWICE));
    assert_eq!(note(&desk), Some(Text::CodeOfOtherSite));
}

#[test]
fn a_price_embedded_code_of_the_site_stays_a_bill() {
    let mut desk = Desk::open();
    let effects = scan(&mut desk, "0200010006508");
    assert_eq!(asked(&effects), None);
    assert_eq!(desk.screen_name(), "scan");
    // Goods beside a bill that is not taken yet wait.
    let effects = scan(&mut desk, JAN);
    assert_eq!(
        (asked(&effects), note(&desk)),
        (None, Some(Text::GoodsAfterBill))
    );
}

#[test]
fn eight_digits_are_an_item_where_one_has_them_and_a_card_where_none_has() {
    let mut desk = Desk::open();
    let effects = scan(&mut desk, JAN_8);
    let question = asked(&effects).expect("asked");
    assert_eq!(question.0, ItemKey::JanOrCard(JAN_8.into()));
    found(&mut desk, question.clone(), Some(drink()));
    assert_eq!(lines(&desk).len(), 1);
    found(&mut desk, question, None);
    assert_eq!(desk.screen_name(), "scan", "the patient waits for a bill");
    let Screen::Scan(bill) = &desk.state.screen else {
        panic!("no patient")
    };
    assert_eq!(
        bill.patient.as_ref().map(ToString::to_string),
        Some(JAN_8.into())
    );
    // The scanner says which bars it read: no doubt, and no question.
    let mut desk = Desk::open();
    let effects = scan(&mut desk, &format!("]E4{JAN_8}"));
    assert_eq!(asked(&effects).unwrap().0, ItemKey::Jan(JAN_8.into()));
    let effects = scan(&mut desk, &format!("]A0{JAN_8}"));
    assert_eq!(asked(&effects), None);
    assert_eq!(desk.screen_name(), "scan");
}

#[test]
fn the_bill_is_not_issued_before_what_was_scanned_is_on_it() {
    let mut desk = Desk::open();
    desk.line("1230");
    let effects = scan(&mut desk, JAN);
    let question = asked(&effects).unwrap();
    desk.press(Key::F(12));
    assert_eq!(
        (desk.screen_name(), note(&desk)),
        ("register", Some(Text::Reading))
    );
    found(&mut desk, question, Some(mask()));
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
    assert_eq!(desk.state.due(), Yen::new(1_560));
    // The books cannot be read: said, and the bill goes on without it.
    let mut desk = Desk::open();
    desk.line("1230");
    let request = StoreRequest::Items(ItemsRequest::Find {
        by: ItemKey::Jan(JAN.into()),
        quantity: 1,
    });
    scan(&mut desk, JAN);
    desk.stored(Stored::Failed {
        request: Box::new(request),
        trouble: StoreTrouble::Locked,
    });
    assert_eq!(note(&desk), Some(Text::BooksLocked));
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
}

#[test]
fn an_answer_that_comes_where_nothing_is_rung_up_says_that_it_is_not_on_the_bill() {
    let mut desk = Desk::open();
    let question = asked(&scan(&mut desk, JAN)).unwrap();
    desk.line("1230");
    desk.press(Key::F(3));
    assert_eq!(desk.screen_name(), "history");
    let effects = found(&mut desk, question, Some(mask()));
    assert!(effects.contains(&TWICE));
    assert_eq!(
        (desk.screen_name(), note(&desk)),
        ("history", Some(Text::ItemNotRungUp))
    );
    assert_eq!(desk.state.basket.lines.len(), 1);
}

#[test]
fn a_scan_after_a_payment_begins_the_next_bill_once_it_is_known() {
    let mut desk = Desk::at_checkout();
    desk.press(Key::F(7));
    let effects = desk.press(Key::F(12));
    let [Effect::Store(StoreRequest::Sell { stamp, sale })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let entry = Entry::Sold {
        slip: slip(),
        sale: sale.clone(),
    };
    let record = SaleRecord::fold([(*stamp, &entry)]).unwrap().unwrap();
    desk.stored(Stored::Sold(Box::new(record)));
    assert_eq!(desk.screen_name(), "done");
    rung_up(&mut desk, JAN, None);
    assert_eq!(
        desk.screen_name(),
        "done",
        "an unknown code takes no outcome away"
    );
    rung_up(&mut desk, JAN, Some(mask()));
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(lines(&desk), [("マスク", 330, 1, TaxClass::Taxable)]);
}

#[test]
fn quick_keys_and_codes_are_called_with_a_slash() {
    use ItemKey::{Quick, Typed};
    for (typed, by, quantity) in [
        ("/3", Quick(3), 1),
        ("／３", Quick(3), 1),
        ("/3x2", Quick(3), 2),
        ("/3 x 12", Quick(3), 12),
        ("/M-01", Typed("M-01".into()), 1),
        ("/M-01*2", Typed("M-01".into()), 2),
        ("/12", Typed("12".into()), 1),
        ("/0", Typed("0".into()), 1),
        ("/4901234567894", Typed(JAN.into()), 1),
        ("/ますく", Typed("ますく".into()), 1),
    ] {
        let mut desk = Desk::open();
        desk.text(typed);
        let effects = desk.press(Key::Enter);
        assert_eq!(asked(&effects), Some((by, quantity)), "{typed}");
        let Screen::Register(register) = &desk.state.screen else {
            panic!("the register stays")
        };
        assert!(register.input.is_empty());
    }
    let mut desk = Desk::open();
    desk.text("/3x0");
    assert_eq!(asked(&desk.press(Key::Enter)), None);
    assert_eq!(note(&desk), Some(Text::BadQuantity));
}

#[test]
fn f12_behind_a_called_item_rings_it_up_and_does_not_go_on() {
    let mut desk = Desk::open();
    desk.line("1230");
    desk.text("/3");
    let question = asked(&desk.press(Key::F(12))).expect("asked");
    assert_eq!(desk.screen_name(), "register");
    found(&mut desk, question, Some(drink()));
    assert_eq!(desk.state.due(), Yen::new(1_446));
    // No item on that key: said.
    desk.text("/4");
    let question = asked(&desk.press(Key::Enter)).unwrap();
    found(&mut desk, question, None);
    assert_eq!(note(&desk), Some(Text::QuickUnknown));
    // No item of that code: searched, as typed.
    desk.text("/ますく");
    let question = asked(&desk.press(Key::Enter)).unwrap();
    let effects = found(&mut desk, question, None);
    assert_eq!(desk.screen_name(), "items");
    assert_eq!(searched(&effects).unwrap().words, "ますく");
}

fn searched(effects: &[Effect]) -> Option<ItemQuery> {
    effects.iter().find_map(|effect| match effect {
        Effect::Store(StoreRequest::Items(ItemsRequest::Search(query))) => Some(query.clone()),
        _ => None,
    })
}

fn page(desk: &mut Desk, query: ItemQuery, rows: Vec<Item>) {
    let page = ItemPage {
        query,
        total: 2,
        rows,
        more: false,
    };
    desk.stored(Stored::Items(ItemsAnswer::Page(page)));
}

/// The list is open and shows two items.
fn listed() -> Desk {
    let mut desk = Desk::open();
    let query = searched(&desk.press(Key::F(2))).expect("asked");
    page(&mut desk, query, vec![mask(), drink()]);
    desk
}

#[test]
fn a_search_shows_what_it_found_last_and_enter_rings_up_with_a_quantity() {
    let mut desk = listed();
    let mut last = None;
    for c in "ほす x3".chars() {
        last = searched(&desk.press(Key::Char(c))).or(last);
    }
    let last = last.unwrap();
    assert_eq!(last.words, "ほす", "the quantity is no word of the search");
    desk.press(Key::Enter);
    assert_eq!(
        note(&desk),
        Some(Text::Reading),
        "not before the books have answered"
    );
    // The answer to an older question says nothing.
    let old = ItemQuery {
        words: "ほ".into(),
        ..last.clone()
    };
    page(&mut desk, old, vec![mask()]);
    desk.press(Key::Enter);
    assert_eq!(desk.screen_name(), "items");
    page(&mut desk, last, vec![drink()]);
    desk.press(Key::Enter);
    assert_eq!(desk.screen_name(), "register");
    assert_eq!(lines(&desk), [("経口補水液", 216, 3, TaxClass::Reduced)]);
}

#[test]
fn the_register_is_as_it_was_left_behind_the_list() {
    let mut desk = Desk::open();
    desk.line("1230");
    desk.text("診断書 22");
    desk.press(Key::F(2));
    desk.press(Key::F(9));
    let Screen::Register(register) = &desk.state.screen else {
        panic!("no register")
    };
    assert_eq!(register.input.text(), "診断書 22");
    desk.press(Key::F(2));
    assert_eq!(desk.state.place(), Place::Items);
    desk.press(Key::Down);
    let query = ItemQuery {
        words: String::new(),
        limit: 200,
    };
    page(&mut desk, query, vec![mask(), drink()]);
    desk.press(Key::Down);
    desk.press(Key::F(12));
    assert_eq!(lines(&desk)[1], ("経口補水液", 216, 1, TaxClass::Reduced));
}

#[test]
fn a_line_that_would_break_a_limit_is_refused_with_a_bell() {
    let mut desk = Desk::open();
    let dear = item("X", "高い", 9_000_000, TaxClass::Taxable);
    rung_up(&mut desk, JAN, Some(dear.clone()));
    let effects = rung_up(&mut desk, JAN, Some(dear));
    assert!(effects.contains(&TWICE));
    assert_eq!(note(&desk), Some(Text::TotalTooLarge));
    assert_eq!(lines(&desk)[0].2, 1);
    let mut desk = Desk::open();
    desk.text("/1x999");
    let question = asked(&desk.press(Key::Enter)).unwrap();
    found(&mut desk, question, Some(mask()));
    rung_up(&mut desk, JAN, Some(mask()));
    assert_eq!(
        (note(&desk), lines(&desk)[0].2),
        (Some(Text::BadQuantity), 999)
    );
}

#[test]
fn f7_goes_round_the_three_classes() {
    let mut desk = Desk::open();
    for class in [TaxClass::Taxable, TaxClass::Reduced, TaxClass::NonTaxable] {
        desk.press(Key::F(7));
        let Screen::Register(register) = &desk.state.screen else {
            panic!("no register")
        };
        assert_eq!(register.tax, class);
    }
    desk.line("216 軽");
    assert_eq!(lines(&desk)[0].3, TaxClass::Reduced);
}

fn goods(desk: &mut Desk, event: GoodsEvent) -> Vec<Effect> {
    desk.send(Message::Goods(event))
}

/// A file is being read; the desk stands at its progress.
fn reading() -> (Desk, u32) {
    let mut desk = listed();
    let effects = desk.press(Key::F(2));
    assert_eq!(effects, [Effect::Goods(GoodsRequest::Files)]);
    let file = |name: &str| GoodsFile {
        name: name.into(),
        bytes: 4_096,
    };
    let files = Ok(vec![file("a.csv"), file("b.csv")]);
    let folder = "imports".into();
    goods(&mut desk, GoodsEvent::Files { folder, files });
    desk.press(Key::Down);
    let effects = desk.press(Key::Enter);
    let [Effect::Goods(GoodsRequest::Read { name, reading })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(name, "b.csv");
    let reading = *reading;
    (desk, reading)
}

fn bad() -> BadLine {
    BadLine {
        line: 3,
        last: 3,
        begins: "Z".into(),
        fault: Fault::Empty(Column::Tax),
    }
}

fn read(desk: &mut Desk, reading: u32, bad: Vec<BadLine>) {
    let result = Ok(Box::new(Goods {
        encoding: "UTF-8".into(),
        items: vec![mask(), drink()],
        bad_count: bad.len() as u64,
        bad,
        ignored: vec![],
    }));
    goods(desk, GoodsEvent::Read { reading, result });
}

fn imports(effects: &[Effect]) -> Option<(usize, bool)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Store(StoreRequest::Items(ItemsRequest::Import(import))) => {
            Some((import.items.len(), import.whole))
        }
        _ => None,
    })
}

#[test]
fn a_file_is_looked_through_before_anything_is_taken_in() {
    let (mut desk, reading) = reading();
    let progress = Progress {
        bytes: 50,
        of: 100,
        good: 2,
        bad: 0,
    };
    goods(&mut desk, GoodsEvent::Progress { reading, progress });
    assert_eq!(desk.state.place(), Place::ItemReading);
    read(&mut desk, reading, vec![]);
    assert_eq!(desk.state.place(), Place::ItemReport);
    for key in [Key::Enter, Key::F(12), Key::Char('3')] {
        assert_eq!(imports(&desk.press(key)), None, "{key:?}");
    }
    desk.after_ms(1_000);
    let effects = desk.answer('2');
    assert_eq!(imports(&effects), Some((2, true)));
    desk.press(Key::F(8));
    assert_eq!(
        note(&desk),
        Some(Text::ItemsBeingWritten),
        "it is too late to stop"
    );
    let done = Imported {
        added: 2,
        total: 2,
        ..Imported::default()
    };
    desk.stored(Stored::Items(ItemsAnswer::Imported(Ok(done))));
    let over = matches!(&desk.state.catalogue.import, Import::Over { end: End::Imported(told), .. } if *told == done);
    assert!(over);
    let effects = desk.press(Key::F(9));
    assert!(searched(&effects).is_some(), "the list is asked for anew");
    assert_eq!(desk.state.catalogue.import, Import::None);
}

#[test]
fn bad_lines_stop_a_whole_catalogue_and_not_the_lines_that_are_right() {
    let (mut desk, reading) = reading();
    read(&mut desk, reading, vec![bad()]);
    desk.after_ms(1_000);
    assert_eq!(imports(&desk.answer('2')), None);
    assert_eq!(note(&desk), Some(Text::WholeNeedsEveryLine));
    desk.after_ms(1_000);
    assert_eq!(imports(&desk.answer('1')), Some((2, false)));
    let clash = Clash::TooMany;
    let effects = desk.stored(Stored::Items(ItemsAnswer::Imported(Err(clash))));
    assert!(effects.contains(&TWICE));
    assert_eq!(desk.state.place(), Place::ItemsOver);
}

#[test]
fn the_counter_goes_on_while_a_file_is_read() {
    let (mut desk, reading) = reading();
    desk.press(Key::F(9));
    desk.press(Key::F(9));
    assert_eq!(desk.screen_name(), "register");
    desk.line("1230");
    rung_up(&mut desk, JAN, Some(mask()));
    desk.press(Key::F(12));
    assert_eq!(desk.screen_name(), "checkout");
    read(&mut desk, reading, vec![]);
    assert_eq!(
        (desk.screen_name(), note(&desk)),
        ("checkout", Some(Text::ItemFileRead))
    );
    assert_eq!(
        desk.state.due(),
        Yen::new(1_560),
        "a file that was read changes nothing"
    );
    desk.press(Key::F(9));
    desk.press(Key::F(2));
    desk.press(Key::F(2));
    assert_eq!(desk.state.place(), Place::ItemReport);
}

#[test]
fn a_reading_that_was_stopped_is_not_heard_any_more() {
    let (mut desk, first) = reading();
    let effects = desk.press(Key::F(8));
    assert_eq!(
        effects,
        [
            Effect::Goods(GoodsRequest::Stop),
            Effect::Goods(GoodsRequest::Files)
        ]
    );
    read(&mut desk, first, vec![]);
    assert_eq!(desk.state.place(), Place::ItemFiles);
    let (mut desk, first) = reading();
    goods(
        &mut desk,
        GoodsEvent::Read {
            reading: first.wrapping_sub(1),
            result: Err(GoodsTrouble::NotText),
        },
    );
    assert_eq!(desk.state.place(), Place::ItemReading);
    // One that fails says why.
    let result = Err(GoodsTrouble::NotText);
    let reading = first;
    goods(&mut desk, GoodsEvent::Read { reading, result });
    assert_eq!(desk.state.place(), Place::ItemsOver);
}

#[test]
fn what_cannot_be_searched_says_so_and_nothing_is_picked() {
    let mut desk = Desk::open();
    let query = searched(&desk.press(Key::F(2))).unwrap();
    desk.stored(Stored::Failed {
        request: Box::new(StoreRequest::Items(ItemsRequest::Search(query))),
        trouble: StoreTrouble::Locked,
    });
    let Screen::Items(items) = &desk.state.screen else {
        panic!("no list")
    };
    assert_eq!(items.reading, Reading::Failed);
    desk.press(Key::Enter);
    assert!(desk.state.basket.lines.is_empty());
}

#[test]
fn in_the_list_goods_are_scanned_and_nothing_else() {
    let mut desk = listed();
    rung_up(&mut desk, JAN, Some(mask()));
    assert_eq!((desk.screen_name(), lines(&desk).len()), ("register", 1));
    let mut desk = listed();
    for code in ["0200010006508", "A0012345A"] {
        let effects = scan(&mut desk, code);
        assert!(effects.contains(&TWICE));
        assert_eq!(
            (desk.screen_name(), note(&desk)),
            ("items", Some(Text::ScanRefused))
        );
    }
}
