//! 収納情報 (`incomeinfv2`), and what an invoice is made of.

use super::read::asked_patient;
use super::value::{Unclear, date, in_out, invoice, moment, said_yen, small, words, yen};
use crate::domain::bill::{Bill, Invoice, PatientNumber};
use crate::domain::money::Yen;
use crate::domain::sale::{Line, TaxClass};
use crate::orca::node::Node;

/// The consumption tax of what is inside it, in percent.
const TAX_PERCENT: u32 = 10;

/// The answer to `incomeinfv2`: the invoices asked for, and what is unpaid of every other.
pub(super) fn bill(record: &Node<'_>, asked: &PatientNumber) -> Result<Bill, Unclear> {
    let mut invoices = record
        .rows("Income_Information")
        .map(detail)
        .collect::<Result<Vec<Invoice>, Unclear>>()?;
    for row in record.rows("Unpaid_Money_Information") {
        let other = unpaid(row)?;
        let known = invoices
            .iter()
            .any(|invoice| invoice.in_out == other.in_out && invoice.number.is_same(&other.number));
        if !known {
            invoices.push(other);
        }
    }
    invoices
        .sort_by(|one, other| (one.performed, &one.number).cmp(&(other.performed, &other.number)));
    let summed = invoices
        .iter()
        .try_fold(Yen::ZERO, |sum, invoice| sum.checked_add(invoice.unpaid()))
        .ok_or(Unclear("Unpaid_Money"))?;
    Ok(Bill {
        patient: asked_patient(record, asked)?,
        // Left out where nothing is unpaid; but also by one that knows the invoices and not the sum.
        unpaid: said_yen(record, "Unpaid_Money_Total")?.unwrap_or(summed),
        invoices,
        at: moment(record, "Information_Date", "Information_Time")
            .ok_or(Unclear("Information_Date"))?,
    })
}

/// One invoice in full.
pub(super) fn detail(row: &Node<'_>) -> Result<Invoice, Unclear> {
    let money = row.get("Cd_Information").ok_or(Unclear("Cd_Information"))?;
    let charged = yen(money, "Ac_Money")?;
    Ok(Invoice {
        number: invoice(row, "Invoice_Number")?,
        group: invoice(row, "Group_Invoice_Number").ok(),
        in_out: in_out(row)?,
        performed: date(row, "Perform_Date"),
        department: words(row, "Department_Name"),
        rate_percent: small(row, "Rate_Cd"),
        charged,
        received: yen(money, "Ic_Money")?,
        lines: lines(row, charged)?,
        caution: None,
    })
}

/// An invoice of which only the rest is told: it stands for what is charged.
fn unpaid(row: &Node<'_>) -> Result<Invoice, Unclear> {
    Ok(Invoice {
        number: invoice(row, "Invoice_Number")?,
        group: None,
        in_out: in_out(row)?,
        performed: date(row, "Perform_Date"),
        department: String::new(),
        rate_percent: None,
        charged: yen(row, "Unpaid_Money")?,
        received: Yen::ZERO,
        lines: Vec::new(),
        caution: None,
    })
}

/// What the charge is made of. The receipt computer's taxable sums have their tax inside: `Tax_In_…` says how much of it, and is never added.
///
/// Empty where the parts do not add up to the charge, or where it is not told what of them is taxable: nothing is made up.
pub(super) fn lines(row: &Node<'_>, charged: Yen) -> Result<Vec<Line>, Unclear> {
    let Some(money) = row.get("Cd_Information") else {
        return Ok(Vec::new());
    };
    let insured = yen(money, "Ai_Money")?.get();
    let own = yen(money, "Oe_Money")?.get();
    let meals = yen(money, "Meal_Smoney")?.get() + yen(money, "Living_Smoney")?.get();
    let Some(own_lines) = own_expense(row, own)? else {
        return Ok(Vec::new());
    };
    let rest = charged.get() - insured - own - meals;
    if !adjustments(money)?.contains(&rest) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    // 調整 and 減免 are no goods: they go with what is exempt from tax.
    put(
        &mut found,
        "保険分負担金",
        insured + rest,
        TaxClass::NonTaxable,
    );
    put(&mut found, "食事・生活療養", meals, TaxClass::NonTaxable);
    found.extend(own_lines);
    let summed = crate::domain::sale::total(&found);
    let sound = found.iter().all(|line| line.unit.is_positive());
    if sound && summed == Some(charged) {
        Ok(found)
    } else {
        Ok(Vec::new())
    }
}

fn put(lines: &mut Vec<Line>, name: &str, yen: i64, tax: TaxClass) {
    if yen != 0 {
        lines.push(Line {
            name: name.to_owned(),
            unit: Yen::new(yen),
            quantity: 1,
            tax,
        });
    }
}

/// What may lie between the parts and the charge: 公費・老人・薬剤の一部負担 beside the insurance part, 調整 and 減免, each in or not.
fn adjustments(money: &Node<'_>) -> Result<Vec<i64>, Unclear> {
    let sum = |names: &[&'static str]| -> Result<i64, Unclear> {
        names
            .iter()
            .try_fold(0, |sum, name| Ok(sum + yen(money, name)?.get()))
    };
    let shares = sum(&["Dg_Smoney", "Om_Smoney", "Pi_Smoney"])?;
    let adjusted = sum(&["Ad_Money1", "Ad_Money2"])?;
    let reduced = sum(&["Dis_Money"])?.abs();
    let mut found = Vec::new();
    for share in [0, shares] {
        for reduction in [0, reduced] {
            found.push(share - reduction);
            found.push(share - reduction + adjusted);
        }
    }
    Ok(found)
}

/// 自費分 as lines, taxable and not; `None` where its parts do not add up to it.
fn own_expense(row: &Node<'_>, own: i64) -> Result<Option<Vec<Line>>, Unclear> {
    let mut found = Vec::new();
    if own == 0 {
        return Ok(Some(found));
    }
    if let Some(other) = row.get("Oe_Etc_Information") {
        let mut taxable = yen(other, "Oe_Etc_Ttl_Money_Taxable")?.get();
        let mut exempt = yen(other, "Oe_Etc_Ttl_Money_Non_Taxable")?.get();
        for part in other.rows("Oe_Etc_Detail") {
            let name = words(part, "Oe_Etc_Name");
            let part_taxable = yen(part, "Oe_Etc_Money_Taxable")?.get();
            let part_exempt = yen(part, "Oe_Etc_Money_Non_Taxable")?.get();
            put(&mut found, &name, part_exempt, TaxClass::NonTaxable);
            put(&mut found, &name, part_taxable, TaxClass::Taxable);
            taxable -= part_taxable;
            exempt -= part_exempt;
        }
        // Sums without their parts, or beyond them.
        put(&mut found, "自費", exempt, TaxClass::NonTaxable);
        put(&mut found, "自費", taxable, TaxClass::Taxable);
    }
    if let Some(points) = row.get("Ac_Point_Information") {
        let uninsured = yen(points, "Me_Ttl_Money")?.get();
        let tax = yen(points, "Tax_In_Me_Ttl_Money")?.get();
        let Some(class) = class_of(uninsured, tax) else {
            return Ok(None);
        };
        put(&mut found, "保険適用外", uninsured, class);
    }
    let room = yen(row, "Room_Charge")?.get();
    let tax = yen(row, "Tax_In_Room_Charge")?.get();
    let Some(class) = class_of(room, tax) else {
        return Ok(None);
    };
    put(&mut found, "室料差額", room, class);
    let meals = yen(row, "Oe_Meal_Smoney")?.get() + yen(row, "Oe_Living_Smoney")?.get();
    put(
        &mut found,
        "食事・生活（自費）",
        meals,
        TaxClass::NonTaxable,
    );
    let summed: i64 = found.iter().map(|line| line.unit.get()).sum();
    Ok((summed == own).then_some(found))
}

/// Whether a sum is taxable as a whole, by the tax that is said to be in it; `None` where it is so in part: how much is not told.
fn class_of(amount: i64, tax: i64) -> Option<TaxClass> {
    let whole = Yen::new(amount).tax_inside(TAX_PERCENT).get();
    if tax == 0 {
        Some(TaxClass::NonTaxable)
    } else if (tax - whole).abs() <= 1 {
        Some(TaxClass::Taxable)
    } else {
        None
    }
}
