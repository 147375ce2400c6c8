use std::cell::RefCell;

use super::*;
use crate::domain::item::sheet::{Column, Fault};

const HEADING: &str = "商品コード,JANコード,商品名,カナ,単価,税区分,短縮\r\n";

fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("goods.csv");
    std::fs::write(&path, bytes).expect("written");
    (folder, path)
}

fn taken(bytes: &[u8]) -> Result<Goods, GoodsTrouble> {
    let (_folder, path) = file(bytes);
    read(&path, |_| true).expect("nobody stops it")
}

fn cp932(text: &str) -> Vec<u8> {
    SHIFT_JIS.encode(text).0.into_owned()
}

#[test]
fn the_same_goods_in_every_encoding() {
    let text = format!("{HEADING}M-01,4901234567894,マスク①髙,ﾏｽｸ,330,10%,1\r\n");
    let bom = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let utf8 = taken(text.as_bytes()).expect("read");
    assert_eq!(utf8.encoding, "UTF-8");
    assert_eq!(utf8.items[0].name, "マスク①髙");
    assert_eq!(taken(&bom).expect("read"), utf8);
    let other = taken(&cp932(&text)).expect("read");
    assert_eq!(other.encoding, "CP932");
    assert_eq!(other.items, utf8.items);
    let ascii = taken(b"code,name,price,tax\nA,x,100,none\n").expect("read");
    assert_eq!((ascii.encoding.as_str(), ascii.items.len()), ("UTF-8", 1));
}

#[test]
fn one_broken_byte_makes_one_bad_line_and_not_another_encoding() {
    let text = format!("{HEADING}A,,マスク,,100,8%,\nB,,ガーゼ,,100,8%,\n");
    let at = text.find("ガ").expect("there");
    let mut bytes = text.into_bytes();
    bytes[at + 1] = 0xFF;
    let goods = taken(&bytes).expect("read");
    assert_eq!(goods.encoding, "UTF-8");
    assert_eq!(goods.items[0].name, "マスク");
    assert_eq!((goods.bad_count, goods.bad[0].line), (1, 3));
    assert_eq!(goods.bad[0].fault, Fault::Unreadable(Column::Name));
    let mut bytes = cp932(&format!(
        "{HEADING}A,,マスク,,100,8%,\nB,,ガーゼ,,100,8%,\n"
    ));
    let tail = bytes.len() - cp932("ガーゼ,,100,8%,\n").len();
    bytes[tail] = 0xFF;
    let goods = taken(&bytes).expect("read");
    assert_eq!((goods.encoding.as_str(), goods.bad_count), ("CP932", 1));
}

#[test]
fn what_is_no_list_of_goods() {
    let heading = GoodsTrouble::Heading;
    for (bytes, trouble) in [
        (&b""[..], heading(HeadingFault::Empty)),
        (b"\n\n", heading(HeadingFault::Empty)),
        (b"\xFF\xFEc\0o\0", GoodsTrouble::NotText),
        (b"PK\x03\x04rest", GoodsTrouble::NotText),
        (b"code,name\0", GoodsTrouble::NotText),
        (
            b"code,name,price\nA,x,1\n",
            heading(HeadingFault::Missing(vec![Column::Tax])),
        ),
    ] {
        assert_eq!(taken(bytes), Err(trouble));
    }
    let gone = read(Path::new("/nowhere/goods.csv"), |_| true);
    assert!(matches!(gone, Some(Err(GoodsTrouble::Unreadable(_)))));
}

/// So many lines, each 500th of them bad.
fn long(lines: u32) -> String {
    let mut text = HEADING.to_owned();
    for line in 1..=lines {
        let price = if line % 500 == 0 { "-1" } else { "1,980" };
        text.push_str(&format!("C{line:06},,品名 {line},ﾋﾝﾒｲ,\"{price}\",8%,\n"));
    }
    text
}

#[test]
fn a_hundred_thousand_lines_are_read_and_every_bad_one_is_counted() {
    let goods = taken(long(100_000).as_bytes()).expect("read");
    assert_eq!((goods.items.len(), goods.bad_count), (99_800, 200));
    assert_eq!((goods.bad[0].line, goods.bad[199].line), (501, 100_001));
    let (first, last) = (&goods.items[0], &goods.items[99_799]);
    assert_eq!(
        (first.code.as_str(), last.code.as_str()),
        ("C000001", "C099999")
    );
    assert_eq!(taken(long(100_300).as_bytes()), Err(GoodsTrouble::TooMany));
}

#[test]
fn progress_only_grows_and_ends_where_the_file_does() {
    let (_folder, path) = file(long(5_000).as_bytes());
    let seen = RefCell::new(Vec::new());
    let read = read(&path, |now| {
        seen.borrow_mut().push(now);
        true
    });
    assert!(matches!(read, Some(Ok(_))));
    let seen = seen.into_inner();
    assert!(seen.is_sorted_by_key(|now| now.bytes) && seen.is_sorted_by_key(|now| now.good));
    let last = seen.last().expect("told");
    assert_eq!(last.bytes, last.of);
    assert!(seen.len() > 6, "{}", seen.len());
}

#[test]
fn a_reading_that_is_stopped_ends_without_a_word() {
    let (_folder, path) = file(long(20_000).as_bytes());
    for after in [1, 3, 20] {
        let mut told = 0;
        let read = read(&path, |_| {
            told += 1;
            told < after
        });
        assert_eq!((read, told), (None, after));
    }
}

#[test]
fn the_room_lists_reads_and_stops() {
    let (folder, _path) = file(long(10).as_bytes());
    std::fs::write(folder.path().join("note.pdf"), "x").expect("written");
    let (send, take) = std::sync::mpsc::channel();
    let room = Room::new(folder.path().to_owned(), move |event| {
        let _ = send.send(event);
    });
    room.take(GoodsRequest::Files);
    match take.recv().expect("answered") {
        GoodsEvent::Files {
            files: Ok(files), ..
        } => {
            let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
            assert_eq!(names, ["goods.csv"]);
        }
        other => panic!("{other:?}"),
    }
    room.take(GoodsRequest::Read {
        name: "goods.csv".to_owned(),
        reading: 7,
    });
    let last = loop {
        match take.recv().expect("answered") {
            GoodsEvent::Progress { reading: 7, .. } => {}
            other => break other,
        }
    };
    assert!(
        matches!(last, GoodsEvent::Read { reading: 7, result: Ok(goods) } if goods.items.len() == 10)
    );
}

/// What this reader takes, the one that everybody uses reads as the same cells.
#[test]
fn sound_files_are_read_as_the_csv_crate_reads_them() {
    let texts = [
        "a,b,c\n1,\"two, 2\",3\n\"x\"\"y\",,\"z\"\n",
        "a\r\n\"line\r\nbreak\",2\r\n\r\n3,4\r\n",
        "\"a\",\"b\"\n,\n1,",
        "日本語,\"半角ｶﾅ\"\n\"\"\"\",\"\"\n",
    ];
    for text in texts {
        let mut ours = Vec::new();
        let mut records = Records::default();
        records.feed(text, &mut |record: Record| ours.push(record));
        records.finish(&mut |record| ours.push(record));
        assert!(ours.iter().all(|record| record.fault.is_none()), "{text}");
        let ours: Vec<Vec<String>> = ours.into_iter().map(|record| record.cells).collect();
        let theirs: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes())
            .records()
            .map(|record| record.expect("sound").iter().map(str::to_owned).collect())
            // Blank lines are none here.
            .filter(|cells: &Vec<String>| cells.iter().any(|cell| !cell.trim().is_empty()))
            .collect();
        assert_eq!(ours, theirs, "{text}");
    }
}

/// Cells, quotes, ends of lines and bytes that nobody meant.
fn mess() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    let pieces = prop_oneof![
        Just(b"A-1".to_vec()),
        Just(b"4901234567894".to_vec()),
        Just("マスク".as_bytes().to_vec()),
        Just(vec![0x83, 0x7D, 0x83]),
        Just(b"100".to_vec()),
        Just(b"8%".to_vec()),
        Just(b",".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(pieces, 0..120).prop_map(|pieces| pieces.concat())
}

proptest::proptest! {
    /// Whatever is in a file, what is taken is sound, and every other line is told.
    #[test]
    fn no_bytes_make_an_item_that_nobody_wrote(bytes in mess()) {
        let all = [HEADING.as_bytes(), &bytes].concat();
        if let Ok(goods) = taken(&all) {
            let mut codes = std::collections::BTreeSet::new();
            for item in &goods.items {
                proptest::prop_assert!(codes.insert(item.code.clone()), "twice");
                proptest::prop_assert!(item.price.is_positive() && !item.name.is_empty());
                let broken = item.name.contains(['\u{FFFD}', '\n']);
                proptest::prop_assert!(!broken, "a name in pieces");
            }
            let lines: Vec<u64> = goods.bad.iter().map(|bad| bad.line).collect();
            proptest::prop_assert!(lines.is_sorted() && goods.bad.iter().all(|bad| bad.line <= bad.last));
        }
    }
}
