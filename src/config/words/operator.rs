//! The problems of the operators' list.

use super::{Told, told};
use crate::config::problem::OperatorFault;

pub(super) fn tell(fault: &OperatorFault) -> Told {
    match fault {
        OperatorFault::TooMany => told(
            (
                "担当者が99人を超えています。",
                "there are more than 99 operators.",
            ),
            (
                "いない担当者を消してください。",
                "take out those who have left.",
            ),
        ),
        OperatorFault::Twice { code } => told(
            (
                format!("担当者コード {code} が2回書かれています。"),
                format!("the operator code {code} is used twice."),
            ),
            (
                "担当者ごとに別のコードにしてください。大文字と小文字は区別しません。",
                "give each operator a code of their own; capitals make no difference.",
            ),
        ),
        OperatorFault::Renamed { code } => told(
            (
                format!("担当者 {code} の名前が [operator] と違います。"),
                format!("operator {code} has another name than in [operator]."),
            ),
            (
                "同じ人なら名前をそろえ、別の人ならコードを変えてください。",
                "make the names equal where it is the same person, else change the code.",
            ),
        ),
        OperatorFault::NobodyToAsk => told(
            (
                "担当者入力は \"sale\" ですが、担当者が1人です。何も聞きません。",
                "ask_operator is \"sale\", but there is one operator: nobody is asked for.",
            ),
            (
                "[[operators]] に担当者を書き足すか、ask_operator を \"never\" にしてください。",
                "add the others as [[operators]], or set ask_operator = \"never\".",
            ),
        ),
    }
}
