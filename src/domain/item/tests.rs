use super::records::Records;
use super::sheet::{Column, Fault, HeadingFault, Sheet, Taken};
use super::*;
use crate::domain::money::AmountError;

const HEADING: &str = "商品コード,JANコード,商品名,カナ,単価,税区分,短縮\n";

fn read(text: &str) -> Vec<Taken> {
    let mut sheet = Sheet::default();
    let mut taken = Vec::new();
    let mut records = Records::default();
    let mut each = |record| taken.push(sheet.take(&record));
    records.feed(text, &mut each);
    records.finish(&mut each);
    taken
}

/// The one line below the heading.
fn one(line: &str) -> Result<Item, Fault> {
    match read(&format!("{HEADING}{line}")).pop() {
        Some(Taken::Item(item)) => Ok(item),
        Some(Taken::Bad(bad)) => {
            assert_eq!(bad.line, 2);
            Err(bad.fault)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_of_goods() {
    let item = one("m-01,４９０１２３４５６７８９４,マスク　ふつう,ﾏｽｸ ﾌﾂｳ,\"1,980\",10%,1")
        .expect("taken");
    assert_eq!(
        item,
        Item {
            code: "M-01".into(),
            jan: Some(Jan::parse("4901234567894").expect("a JAN")),
            name: "マスク ふつう".into(),
            kana: "ﾏｽｸ ﾌﾂｳ".into(),
            price: Yen::new(1_980),
            tax: TaxClass::Taxable,
            quick: Some(1),
        }
    );
    let line = item.line(3);
    assert_eq!(
        (line.amount(), line.tax),
        (Some(Yen::new(5_940)), TaxClass::Taxable)
    );
}

#[test]
fn the_words_of_tax() {
    use TaxClass::{NonTaxable, Reduced, Taxable};
    for (word, class) in [
        ("10", Some(Taxable)),
        ("１０％", Some(Taxable)),
        ("課税", Some(Taxable)),
        ("Standard", Some(Taxable)),
        ("8%", Some(Reduced)),
        ("軽減", Some(Reduced)),
        ("※", Some(Reduced)),
        ("非課税", Some(NonTaxable)),
        ("non-taxable", Some(NonTaxable)),
        ("0", None),
        ("5%", None),
        ("免税", None),
    ] {
        let found = one(&format!("A,,x,,100,{word},")).map(|item| item.tax);
        match class {
            Some(class) => assert_eq!(found, Ok(class), "{word}"),
            None => assert_eq!(found, Err(Fault::Tax(word.to_owned()))),
        }
    }
}

#[test]
fn why_a_line_is_not_taken() {
    let text = |text: &str| text.to_owned();
    for (line, fault) in [
        (",,x,,100,10%,", Fault::Empty(Column::Code)),
        ("A,,,,100,10%,", Fault::Empty(Column::Name)),
        ("A,,x,,,10%,", Fault::Empty(Column::Price)),
        ("A,,x,,100,,", Fault::Empty(Column::Tax)),
        ("A,,x", Fault::Empty(Column::Price)),
        ("マスク,,x,,100,10%,", Fault::Code(text("マスク"))),
        ("A B,,x,,100,10%,", Fault::Code(text("A B"))),
        (
            "A,490123456789,x,,100,10%,",
            Fault::JanCheck {
                jan: text("490123456789"),
                wants: '3',
            },
        ),
        (
            "A,4901234567895,x,,100,10%,",
            Fault::JanCheck {
                jan: text("4901234567895"),
                wants: '4',
            },
        ),
        (
            "A,49012345,x,,100,10%,",
            Fault::JanCheck {
                jan: text("49012345"),
                wants: '7',
            },
        ),
        ("A,4901,x,,100,10%,", Fault::JanDigits(text("4901"))),
        (
            "A,4.90123E+12,x,,100,10%,",
            Fault::JanRounded(text("4.90123E+12")),
        ),
        (
            "A,,x,,-100,10%,",
            Fault::Price(text("-100"), AmountError::Negative),
        ),
        ("A,,x,,0,10%,", Fault::Price(text("0"), AmountError::Zero)),
        (
            "A,,x,,99.5,10%,",
            Fault::Price(text("99.5"), AmountError::NotANumber),
        ),
        (
            "A,,x,,100000000,10%,",
            Fault::Price(text("100000000"), AmountError::TooLarge),
        ),
        ("A,,x,,1,000,10%,", Fault::Tax(text("000"))),
        ("A,,x,,100,10%,,extra", Fault::TooManyCells),
        ("A,,x,,100,10%,0", Fault::Quick(text("0"))),
        ("A,,x,,100,10%,10", Fault::Quick(text("10"))),
        ("A,,\"x\ny\",,100,10%,", Fault::Break(Column::Name)),
        ("A,,x\u{FFFD},,100,10%,", Fault::Unreadable(Column::Name)),
        ("A,,4111 1111 1111 1111,,100,10%,", Fault::CardNumber),
        ("A,,x,4111111111111111,100,10%,", Fault::CardNumber),
        ("A,,\"x\"y,,100,10%,", Fault::TextAfterQuote),
        ("A,,\"x,,100,10%,", Fault::OpenQuote),
    ] {
        assert_eq!(one(line), Err(fault), "{line}");
    }
    let long = "あ".repeat(41);
    assert_eq!(
        one(&format!("A,,{long},,100,10%,")),
        Err(Fault::Long(Column::Name, 40))
    );
}

#[test]
fn the_same_code_jan_or_key_twice_is_told_with_the_line_before() {
    let taken = read(&format!(
        "{HEADING}A,4901234567894,x,,100,10%,1\na,,y,,100,10%,\nB,4901234567894,z,,100,10%,\nC,,w,,100,10%,1\n"
    ));
    let double = |column, value: &str| Fault::Double {
        column,
        value: value.to_owned(),
        line: 2,
    };
    let faults: Vec<(u64, Fault)> = taken
        .into_iter()
        .filter_map(|taken| match taken {
            Taken::Bad(bad) => Some((bad.line, bad.fault)),
            _ => None,
        })
        .collect();
    assert_eq!(
        faults,
        [
            (3, double(Column::Code, "A")),
            (4, double(Column::Jan, "4901234567894")),
            (5, double(Column::Quick, "1")),
        ]
    );
}

#[test]
fn headings_in_two_languages_any_order_and_what_is_no_heading() {
    for heading in [
        "code,name,price,tax",
        "Name, Item Code ,TAX_CLASS,unit-price",
        "品名,コード,税率,税込単価",
        "メモ,商品コード,商品名,売価,消費税",
    ] {
        assert_eq!(read(heading), [Taken::Heading], "{heading}");
    }
    for (heading, fault) in [
        ("code,name,price", HeadingFault::Missing(vec![Column::Tax])),
        // A price without tax is not the price.
        (
            "コード,品名,税抜価格,税率",
            HeadingFault::Missing(vec![Column::Price]),
        ),
        (
            "A1,マスク,100,10%",
            HeadingFault::Missing(vec![Column::Code, Column::Name, Column::Price, Column::Tax]),
        ),
        (
            "code,name,price,tax,単価",
            HeadingFault::Twice(Column::Price),
        ),
        ("\"code,name", HeadingFault::Broken),
    ] {
        assert_eq!(read(heading), [Taken::Stop(fault)], "{heading}");
    }
    assert_eq!(Sheet::default().finish(), Err(HeadingFault::Empty));
    let mut sheet = Sheet::default();
    let mut records = Records::default();
    records.feed("code,棚番,name,price,tax,メモ\n", &mut |record| {
        sheet.take(&record);
    });
    assert_eq!(sheet.ignored(), ["棚番", "メモ"]);
}

#[test]
fn kana_is_found_however_it_is_written() {
    for (typed, same) in [
        ("ますく", "マスク"),
        ("ﾏｽｸ", "マスク"),
        ("ﾎﾟｶﾘ", "ぽかり"),
        ("ＡＢＣ 12", "abc12"),
        ("ゔ", "ヴ"),
        ("マスク ふつう", "マスクフツウ"),
    ] {
        assert_eq!(search_key(typed), search_key(same), "{typed}");
    }
    assert_ne!(search_key("マスク"), search_key("マクス"));
}

#[test]
fn a_jan_is_8_or_13_digits_with_a_check_digit_that_is_right() {
    for (digits, read) in [
        ("4901234567894", Ok("4901234567894")),
        ("49012347", Ok("49012347")),
        ("49012344", Err(JanError::Check('7'))),
        ("036000291452", Ok("0036000291452")),
        ("0036000291452", Ok("0036000291452")),
        ("2112002515005", Ok("2112002515005")),
        ("0212345309807", Err(JanError::Check('3'))),
        ("490123456789a", Err(JanError::Digits)),
        ("", Err(JanError::Digits)),
    ] {
        let found = Jan::parse(digits);
        assert_eq!(
            found.as_ref().map(Jan::as_str).map_err(|why| *why),
            read,
            "{digits}"
        );
    }
}
