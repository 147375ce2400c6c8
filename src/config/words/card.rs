//! The rules of the card master, told.

use super::{Told, told};
use crate::domain::master::Finding;

pub(super) fn tell(finding: &Finding) -> Told {
    told(what(finding), remedy(finding))
}

fn what(finding: &Finding) -> (String, String) {
    match finding {
        Finding::DuplicateCode(code) => (
            format!("カード会社コード「{code}」が2回使われています。"),
            format!("the card company code \"{code}\" is used twice."),
        ),
        Finding::UnknownClass { code, class } => (
            format!("カード会社 {code}: カード区分 {class} は表にありません。"),
            format!("card company {code}: card class {class} is not in the table."),
        ),
        Finding::UnknownModel { code, model } => (
            format!("カード会社 {code}: 連携機種「{model}」はありません。"),
            format!("card company {code}: there is no terminal model `{model}`."),
        ),
        Finding::GenericClassRefused { code, class, model } => (
            format!(
                "カード会社 {code}: {model} ではカード区分 {class} を設定できません。カードを端末に選ばせる区分は受け付けない機種です。"
            ),
            format!(
                "card company {code}: {model} does not take card class {class}, which leaves the choice of the card to the terminal."
            ),
        ),
        Finding::GenericClassBlurred { code, class, model } => (
            format!(
                "カード会社 {code}: {model} の応答にはカード名がないため、カード区分 {class} では何で支払われたか分かりません。"
            ),
            format!(
                "card company {code}: the result of {model} does not name the card, so card class {class} leaves open what paid."
            ),
        ),
        Finding::DeviceIdMissing { code, model } => (
            format!("カード会社 {code}: {model} には CATデバイスID が要ります。"),
            format!("card company {code}: {model} needs a CAT device id."),
        ),
        Finding::DeviceIdUnused { code, model } => (
            format!("カード会社 {code}: {model} は CATデバイスID を使いません。"),
            format!("card company {code}: {model} takes no CAT device id."),
        ),
        Finding::NoPort { code, model } => (
            format!(
                "カード会社 {code}: 売上連携は 1 ですが、CAT1 にも CAT2 にも {model} のポートがありません。"
            ),
            format!(
                "card company {code}: sales_link is 1, but neither cat1 nor cat2 has a port with a {model}."
            ),
        ),
    }
}

/// What to choose instead of a class that leaves the choice to the terminal.
const CONCRETE: (&str, &str) = (
    "3 以降の具体的なカード区分にしてください。クレジット・銀聯・NFCタッチを同時に待つなら 30 です。",
    "choose the concrete card, 3 and above; 30 waits for credit, 銀聯 and NFC touch at once.",
);

fn remedy(finding: &Finding) -> (&'static str, &'static str) {
    match finding {
        Finding::DuplicateCode(_) => (
            "別のコードにしてください。",
            "give one of them another code.",
        ),
        Finding::UnknownClass { .. } => (
            "表にある区分にするか、[[card_class]] で足してください。",
            "use a class of the table, or add it with [[card_class]].",
        ),
        Finding::UnknownModel { .. } => (
            "つないである端末(CAT1・CAT2)の model と同じ名前にしてください。",
            "write the model of the terminal at cat1 or cat2.",
        ),
        Finding::GenericClassRefused { .. } => CONCRETE,
        Finding::GenericClassBlurred { .. } => CONCRETE,
        Finding::DeviceIdMissing { .. } => (
            "device_id = \"…\" を書き足してください。",
            "add device_id = \"…\" to this card company.",
        ),
        Finding::DeviceIdUnused { .. } => (
            "device_id の行を消してください。",
            "take the device_id line out.",
        ),
        Finding::NoPort { .. } => (
            "[terminal.cat1] に port と model を書くか、この端末で連動しないなら cat_link = 0 にしてください。",
            "write port and model into [terminal.cat1], or set cat_link = 0 for a counter without a link.",
        ),
    }
}
