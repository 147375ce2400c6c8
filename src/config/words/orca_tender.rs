//! What is wrong with `[orca.tender]`, told.

use super::{Told, told};
use crate::config::orca_tender::TenderFault;

pub(super) fn tell(fault: TenderFault) -> Told {
    match fault {
        TenderFault::NoCode => told(
            (
                "日レセの入金方法のコードではありません。",
                "this is no code of the receipt computer's payment methods.",
            ),
            (
                "日レセの入金方法(システム管理 1041)の 1 桁か 2 桁の数字を \"01\" のように書きます。",
                "write one or two digits as its master 1041 has them, like \"01\".",
            ),
        ),
        TenderFault::NoSuchCard => told(
            (
                "このコードのカード会社はありません。",
                "no card company has this code.",
            ),
            (
                "左側は cash か、[[card_company]] の code にします。",
                "write cash, or the code of a [[card_company]], at the left.",
            ),
        ),
    }
}
