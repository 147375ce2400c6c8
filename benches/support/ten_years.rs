//! A data folder with the books of ten years, written once and kept.

#[path = "../../tests/support/book.rs"]
mod book;

use std::path::PathBuf;

use super::scratch;

/// Business days of ten years.
pub const DAYS: u32 = 3_650;
/// Sales of a day.
pub const SALES_A_DAY: u32 = 200;

/// A data folder whose live books hold 730,000 sales.
pub fn folder() -> PathBuf {
    let folder = scratch().join("ten-years");
    let books = folder.join("books.sqlite3");
    let written = folder.join("written");
    if written.exists() {
        return folder;
    }
    // Whatever an interrupted run left behind is not ten years.
    let _ = std::fs::remove_dir_all(&folder);
    println!("writing the books of ten years, once (some minutes) …");
    let plan = book::Plan {
        days: DAYS,
        sales_a_day: SALES_A_DAY,
        seed: 7,
    };
    let ten_years = book::write(&books, &plan);
    std::fs::write(&written, format!("{} sales\n", ten_years.sales)).expect("a note");
    folder
}
