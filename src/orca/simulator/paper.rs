//! 領収証 and 明細書: what its printer puts out, with a payment that asks for it, and once more on a wish (02/09).

use chrono::{DateTime, FixedOffset};

use super::ledger::No;
use super::{Printed, Simulator};
use crate::orca::node::Node;

impl Simulator {
    /// 02/09 再発行: paper, and nothing else.
    pub(super) fn printed_again(
        &mut self,
        now: DateTime<FixedOffset>,
        request: &Node<'_>,
    ) -> Result<Option<usize>, No> {
        let place = self.held(now, request)?;
        if self.print(place, request, true) {
            Ok(None)
        } else {
            Err(("E0123", "発行区分が未設定です。"))
        }
    }

    /// What a request wants on paper goes there; false where that is nothing.
    pub(super) fn print(&mut self, place: usize, request: &Node<'_>, again: bool) -> bool {
        let wanted = |class| {
            let print = request.get("Print_Information");
            print.is_some_and(|print| print.str(class) == "1")
        };
        let receipt = wanted("Print_Invoice_Receipt_Class");
        let statement = wanted("Print_Statement_Class");
        if receipt || statement {
            self.printed.push(Printed {
                invoice: self.scene.invoices[place].number.clone(),
                receipt,
                statement,
                again,
            });
        }
        receipt || statement
    }
}
