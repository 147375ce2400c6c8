//! What is wrong with `[orca]`, told.

use super::{Told, told};
use crate::config::orca::OrcaFault;

pub(super) fn tell(fault: OrcaFault) -> Told {
    match fault {
        OrcaFault::Wants(key) => told(
            (
                format!("日レセの設定に {key} が要ります。"),
                format!("the receipt computer's section wants {key}."),
            ),
            (
                "[orca] に書き足してください。書き方は madoguchi config print の見本にあります。",
                "add it; the sample of `madoguchi config print` shows how.",
            ),
        ),
        OrcaFault::HasNo(key) => told(
            (
                format!("ここに {key} は書けません。"),
                format!("{key} has no place here."),
            ),
            (
                "その行を消してください。tender、print_receipt、practice は [orca] の下に1つだけ、api_key_file は kind = \"weborca\" だけ、kind = \"simulated\" にほかの項目はありません。",
                "take that line out. tender, print_receipt and practice stand once, below [orca]; api_key_file is for kind = \"weborca\" alone, and kind = \"simulated\" has nothing beside it.",
            ),
        ),
        OrcaFault::Url => told(
            (
                "日レセのアドレスとして読めません。",
                "this is no address of a receipt computer.",
            ),
            (
                "url = \"http://192.168.1.10:8000\" のように、http:// か https:// とホスト名とポートだけを書きます。",
                "write http:// or https://, host and port alone, like url = \"http://192.168.1.10:8000\".",
            ),
        ),
        OrcaFault::PushUrl => told(
            (
                "PUSH 通知のアドレスとして読めません。",
                "this is no address of PUSH.",
            ),
            (
                "push = \"ws://192.168.1.10:9400/ws\" のように書くか、行を消してください(一覧は手で更新します)。",
                "write it like push = \"ws://192.168.1.10:9400/ws\", or take the line out (the list is then fetched on a key).",
            ),
        ),
        OrcaFault::TwoPasswords => told(
            (
                "password, password_file, api_key_file が重なっています。",
                "more than one of password, password_file and api_key_file is there.",
            ),
            ("1つだけ残してください。", "keep one of them."),
        ),
        OrcaFault::CertificateInTheClear => told(
            (
                "証明書が書かれていますが、url が https:// ではありません。",
                "there is a certificate, and the url is not https://.",
            ),
            (
                "url を https:// にするか、証明書の行を消してください。",
                "write https:// in the url, or take the certificate out.",
            ),
        ),
        OrcaFault::PracticeIsLive | OrcaFault::LiveIsSimulated => of_practice(fault),
    }
}

/// Practice and the clinic's own, in each other's place.
fn of_practice(fault: OrcaFault) -> Told {
    if fault == OrcaFault::LiveIsSimulated {
        return told(
            (
                "模擬の日レセは練習専用です。",
                "the simulated receipt computer is for practice alone.",
            ),
            (
                "本物のつなぎ先は kind = \"onprem\" か \"weborca\" です。模擬の日レセは [orca.practice] の下に書きます。",
                "the clinic's own is kind = \"onprem\" or \"weborca\"; the simulated one stands below [orca.practice].",
            ),
        );
    }
    told(
        (
            "練習用の日レセが、本物と同じアドレスです。",
            "the receipt computer for practice is the clinic's own.",
        ),
        (
            "練習では本物の日レセに触れません。[orca.practice] に別のアドレスを書くか、消してください。madoguchi orca simulate で模擬の日レセを起動できます。",
            "practice never touches the clinic's own: write another address into [orca.practice], or take it out; `madoguchi orca simulate` plays one.",
        ),
    )
}
