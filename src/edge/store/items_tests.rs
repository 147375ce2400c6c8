use super::testbed::*;
use super::{BooksKind, verify};
use crate::app::message::items::{
    Clash, Import, Imported, ItemKey, ItemQuery, ItemsAnswer, ItemsRequest,
};
use crate::app::message::{StoreRequest, Stored};
use crate::domain::item::sheet::Column;
use crate::domain::item::{Item, Jan};
use crate::domain::money::Yen;
use crate::domain::sale::TaxClass;

fn item(code: &str, price: i64) -> Item {
    Item {
        code: code.to_owned(),
        jan: None,
        name: format!("品 {code}"),
        kana: String::new(),
        price: Yen::new(price),
        tax: TaxClass::Taxable,
        quick: None,
    }
}

fn named(code: &str, jan: &str, name: &str, kana: &str, quick: Option<u8>) -> Item {
    Item {
        jan: (!jan.is_empty()).then(|| Jan::parse(jan).expect("a JAN")),
        name: name.to_owned(),
        kana: kana.to_owned(),
        quick,
        ..item(code, 100)
    }
}

fn import(bed: &mut Bed, items: Vec<Item>, whole: bool) -> Result<Imported, Clash> {
    let import = Import {
        stamp: at(1),
        items,
        whole,
    };
    bed.store.import(&import).expect("the books take it")
}

fn search(bed: &mut Bed, words: &str) -> Vec<String> {
    let query = ItemQuery {
        words: words.to_owned(),
        limit: 50,
    };
    match bed.ask(StoreRequest::Items(ItemsRequest::Search(query))) {
        Ok(Stored::Items(ItemsAnswer::Page(page))) => {
            page.rows.into_iter().map(|item| item.code).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn find(bed: &mut Bed, by: ItemKey) -> Option<Item> {
    let request = ItemsRequest::Find { by, quantity: 2 };
    match bed.ask(StoreRequest::Items(request)) {
        Ok(Stored::Items(ItemsAnswer::Found {
            quantity: 2, item, ..
        })) => item,
        other => panic!("{other:?}"),
    }
}

const JAN: &str = "4901234567894";

fn shelf(bed: &mut Bed) {
    let items = vec![
        named("M-01", JAN, "マスク ふつう", "ﾏｽｸ", None),
        named("M-02", "", "マスク 小さめ", "", Some(2)),
        named(
            "OS-1",
            "49012347",
            "経口補水液",
            "ケイコウホスイエキ",
            Some(1),
        ),
        named("T-9", "", "Tooth 100%_brush", "ハブラシ", None),
    ];
    assert!(import(bed, items, true).is_ok());
}

#[test]
fn an_import_says_what_it_came_to_and_the_proof_holds() {
    let mut bed = books(BooksKind::Live);
    let (a, b, c) = (item("A", 100), item("B", 200), item("C", 300));
    for (items, whole, expected) in [
        (vec![a.clone(), b.clone()], false, (2, 0, 0, 0, 2)),
        (vec![item("A", 110), c.clone()], false, (1, 1, 0, 0, 3)),
        (vec![b.clone(), item("C", 330)], true, (0, 1, 1, 1, 2)),
        (vec![], false, (0, 0, 0, 0, 2)),
        (vec![], true, (0, 0, 0, 2, 0)),
    ] {
        let done = import(&mut bed, items, whole).expect("taken");
        let told = (
            done.added,
            done.changed,
            done.same,
            done.removed,
            done.total,
        );
        assert_eq!(told, expected);
        assert_eq!(verify(&bed.path).expect("read").problem, None);
    }
}

#[test]
fn found_by_code_jan_name_kana_or_key() {
    let mut bed = books(BooksKind::Live);
    shelf(&mut bed);
    for (words, codes) in [
        ("", &["OS-1", "M-02", "M-01", "T-9"][..]),
        ("ますく", &["M-02", "M-01"]),
        ("ﾏｽｸ ふつ", &["M-01"]),
        ("m-0", &["M-02", "M-01"]),
        ("ｍ－０１", &["M-01"]),
        ("9012345", &["M-01"]),
        ("けいこう", &["OS-1"]),
        ("補水", &["OS-1"]),
        ("tooth", &["T-9"]),
        ("100%_", &["T-9"]),
        ("100_", &[]),
        ("'; --", &[]),
        ("マスク 補水", &[]),
    ] {
        assert_eq!(search(&mut bed, words), codes, "{words}");
    }
    let mut code = |by| find(&mut bed, by).map(|item| item.code);
    let typed = |text: &str| ItemKey::Typed(text.to_owned());
    for (by, expected) in [
        (ItemKey::Jan(JAN.to_owned()), Some("M-01")),
        (ItemKey::Jan("4901234567887".to_owned()), None),
        (ItemKey::Quick(1), Some("OS-1")),
        (ItemKey::Quick(9), None),
        (typed("os-1"), Some("OS-1")),
        (typed(JAN), Some("M-01")),
        (typed("49012347"), Some("OS-1")),
        (typed("マスク"), None),
    ] {
        assert_eq!(code(by.clone()).as_deref(), expected, "{by:?}");
    }
}

#[test]
fn what_begins_with_the_word_comes_before_what_holds_it() {
    let mut bed = books(BooksKind::Live);
    let items = vec![
        named("A", "", "大判ガーゼ", "", None),
        named("B", "", "ガーゼ", "", None),
    ];
    import(&mut bed, items, true).expect("taken");
    assert_eq!(search(&mut bed, "がーぜ"), ["B", "A"]);
}

#[test]
fn a_jan_or_key_of_another_item_stops_the_whole_import() {
    let mut bed = books(BooksKind::Live);
    shelf(&mut bed);
    let held = |column, value: &str, held_by: &str| {
        Err(Clash::Taken {
            column,
            value: value.to_owned(),
            code: "X".to_owned(),
            held_by: held_by.to_owned(),
        })
    };
    let jan = vec![item("Y", 1), named("X", JAN, "x", "", None)];
    assert_eq!(
        import(&mut bed, jan.clone(), false),
        held(Column::Jan, JAN, "M-01")
    );
    let key = vec![item("Y", 1), named("X", "", "x", "", Some(1))];
    assert_eq!(
        import(&mut bed, key, false),
        held(Column::Quick, "1", "OS-1")
    );
    assert_eq!(search(&mut bed, "").len(), 4, "nothing of it was taken in");
    assert_eq!(verify(&bed.path).expect("read").problem, None);
    // As the whole catalogue it clashes with nothing, and two items of a file may change their JANs between them.
    assert!(import(&mut bed, jan, true).is_ok());
    let swapped = vec![
        named("X", "", "x", "", None),
        named("Y", JAN, "y", "", None),
    ];
    assert!(import(&mut bed, swapped, false).is_ok());
    assert_eq!(
        find(&mut bed, ItemKey::Jan(JAN.to_owned())).map(|i| i.code),
        Some("Y".to_owned())
    );
}

#[test]
fn a_price_changed_behind_our_back_is_seen_by_the_proof() {
    let mut bed = books(BooksKind::Live);
    shelf(&mut bed);
    let hand = rusqlite::Connection::open(&bed.path).expect("opens");
    hand.execute("UPDATE item SET price = 1 WHERE code = 'M-01'", [])
        .expect("changed");
    let problem = verify(&bed.path).expect("read").problem.expect("seen");
    assert_eq!(problem.table, "item");
}

#[test]
fn a_viewer_imports_nothing() {
    let mut bed = books(BooksKind::Live);
    shelf(&mut bed);
    let mut viewer = super::Store::open_viewer(&bed.path).expect("opens");
    let import = Import {
        stamp: at(2),
        items: vec![],
        whole: true,
    };
    assert!(viewer.import(&import).is_err());
    assert_eq!(search(&mut bed, "").len(), 4);
}
