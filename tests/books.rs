//! A book of some weeks, written by the generator of the ten-year book: it holds, and it lists what was written.

#[path = "support/book.rs"]
mod book;

use madoguchi::app::message::{StoreRequest, StoreTrouble, Stored};
use madoguchi::domain::ledger::SaleState;
use madoguchi::domain::record::Stamp;
use madoguchi::edge::store::{BooksKind, Store, verify};

#[test]
fn a_generated_book_holds_and_adds_up() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("books.db");
    let plan = book::Plan {
        days: 12,
        sales_a_day: 60,
        seed: 3,
    };
    let written = book::write(&path, &plan);

    let report = verify(&path).expect("the book is read");
    assert_eq!(report.problem, None);
    assert_eq!(report.entries, written.entries);
    assert_eq!(report.sales, u64::from(written.sales));

    let mut store = Store::open(&path, BooksKind::Live).expect("opens");
    let (mut settled, mut total, mut today) = (0, 0, 0);
    let mut latest = None;
    let listed = store.each_sale(None, None, |sale| {
        if sale.state == SaleState::Settled {
            settled += 1;
            total += sale.total.get();
            today += u32::from(sale.business_date == written.last_day);
        }
        latest = Some(sale.recorded_at);
        Ok::<(), StoreTrouble>(())
    });
    assert_eq!(listed, Ok(()));
    assert_eq!((settled, total), (written.settled, written.settled_total));

    let stamp = Stamp {
        at: latest.expect("a book of sales"),
        business_date: written.last_day,
    };
    match store.handle(StoreRequest::Open { stamp }) {
        Stored::Opened {
            unresolved,
            unshown,
            today: day,
            ..
        } => {
            assert_eq!((unresolved.len(), unshown), (0, None));
            assert_eq!(day.sales, today);
        }
        other => panic!("not an answer to the opening: {other:?}"),
    }
}
