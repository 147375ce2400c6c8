//! The problems of a config file in both languages: what is wrong, and what to do.

mod card;
mod operator;
mod orca;
mod orca_tender;
mod printer;
mod scanner;

use super::port::BadAddress;
use super::problem::{
    FileFault, Form, NumberFault, PortFault, ProblemKind, RowFault, ShapeFault, TextFault,
    ValueFault, nearest,
};
use crate::domain::text::Bilingual;

/// One problem, told.
pub(super) struct Told {
    pub(super) what: Bilingual,
    pub(super) remedy: Bilingual,
}

fn told(
    what: (impl Into<String>, impl Into<String>),
    remedy: (impl Into<String>, impl Into<String>),
) -> Told {
    Told {
        what: Bilingual::new(what.0, what.1),
        remedy: Bilingual::new(remedy.0, remedy.1),
    }
}

pub(super) fn tell(kind: &ProblemKind) -> Told {
    match kind {
        ProblemKind::File(fault) => tell_file(fault),
        ProblemKind::Shape(fault) => tell_shape(fault),
        ProblemKind::Form(form) => tell_form(*form),
        ProblemKind::Text(fault) => tell_text(*fault),
        ProblemKind::Address(reason) => tell_address(*reason),
        ProblemKind::Value(fault) => tell_value(fault),
        ProblemKind::Card(finding) => card::tell(finding),
    }
}

fn tell_file(fault: &FileFault) -> Told {
    match fault {
        FileFault::Missing => told(
            (
                "設定ファイルがありません。",
                "there is no such config file.",
            ),
            (
                "名前と場所を確かめてください。新しく作るには madoguchi config print > config.toml を使います。",
                "check its name and place; `madoguchi config print > config.toml` writes a new one.",
            ),
        ),
        FileFault::Unreadable(reason) => told(
            (
                format!("設定ファイルを読めません ({reason})。"),
                format!("the config file cannot be read ({reason})."),
            ),
            (
                "ファイルを読む権限があるか確かめてください。",
                "check that you may read the file.",
            ),
        ),
        FileFault::NotAFile => told(
            (
                "設定ファイルではなく、フォルダーか装置です。",
                "this is a folder or a device, not a config file.",
            ),
            (
                "config.toml というファイルの場所を --config で示してください。",
                "give the path of a file (config.toml) with --config.",
            ),
        ),
        FileFault::TooLarge => told(
            (
                "設定ファイルが 1 MiB を超えています。",
                "the config file is larger than 1 MiB.",
            ),
            (
                "別のファイルを指定していないか確かめてください。",
                "check that it is the right file.",
            ),
        ),
        FileFault::NotUtf8 => told(
            (
                "設定ファイルの文字コードが UTF-8 ではありません。",
                "the config file is not in UTF-8.",
            ),
            (
                "エディターで文字コードを UTF-8 にして保存し直してください。",
                "save it again from your editor, in UTF-8.",
            ),
        ),
    }
}

fn tell_shape(fault: &ShapeFault) -> Told {
    match fault {
        ShapeFault::UnknownKey { key, known } => {
            let all = known.join(", ");
            let remedy = match nearest(key, known) {
                Some(near) => (
                    format!("「{near}」の書き間違いではありませんか。ここで使える項目: {all}"),
                    format!("did you mean `{near}`? Known here: {all}"),
                ),
                None => (
                    format!("この行を消すか、使える項目に直してください: {all}"),
                    format!("take the line out, or use one of: {all}"),
                ),
            };
            told(
                (
                    format!("「{key}」という項目はありません。"),
                    format!("there is no key `{key}` here."),
                ),
                remedy,
            )
        }
        ShapeFault::MissingKey { key } => told(
            (
                format!("項目「{key}」がありません。"),
                format!("the key `{key}` is missing."),
            ),
            (
                format!(
                    "「{key}」を書き足してください。書き方は madoguchi config print の見本にあります。"
                ),
                format!("add `{key}`; the sample of `madoguchi config print` shows how."),
            ),
        ),
        ShapeFault::WrongType { found, expected } => {
            let (found_ja, found_en) = type_words(found);
            let (expected_ja, expected_en) = type_words(expected);
            told(
                (
                    format!("値の種類が違います: {found_ja} が書かれています。"),
                    format!("the value is of the wrong kind: {found_en}."),
                ),
                (
                    format!("{expected_ja} を書いてください。"),
                    format!("write {expected_en}."),
                ),
            )
        }
        ShapeFault::UnknownWord { word, known } => {
            let all = known.join(", ");
            told(
                (
                    format!("「{word}」は使えない値です。"),
                    format!("`{word}` is not a value that is known here."),
                ),
                (
                    format!("次のどれかにしてください: {all}"),
                    format!("use one of: {all}"),
                ),
            )
        }
        ShapeFault::Syntax { detail } => told(
            (
                format!("TOML として読めません ({detail})。"),
                format!("this is not TOML ({detail})."),
            ),
            (
                "引用符や括弧の閉じ忘れ、同じ項目の重複がないか、この行と前の行を見てください。",
                "look at this line and the one before for a quote or bracket left open, or a key written twice.",
            ),
        ),
    }
}

/// The parser's words for a type, in ours.
fn type_words(words: &str) -> (String, String) {
    let (kind, value) = words.split_once(' ').unwrap_or((words, ""));
    let ja = match kind {
        "string" => "文字列",
        "integer" => "整数",
        "boolean" => "真偽値",
        "floating" => "小数",
        "sequence" | "array" => "配列 [ ]",
        "map" | "table" => "表 { }",
        "datetime" => "日時",
        "i64" | "u8" | "u32" => return ("整数".to_owned(), "a whole number".to_owned()),
        "a" if value.starts_with("string") => {
            return (
                "\" \" で囲んだ文字列".to_owned(),
                "a text in quotes".to_owned(),
            );
        }
        "a" if value.starts_with("sequence") => {
            return ("配列 [ ]".to_owned(), "a list in brackets [ ]".to_owned());
        }
        "a" if value.starts_with("boolean") => {
            return ("true か false".to_owned(), "true or false".to_owned());
        }
        "struct" => {
            return (
                "[ ] の見出しを持つ区画、または { } の表".to_owned(),
                "a section with a [heading], or a table { }".to_owned(),
            );
        }
        "enum" => {
            return (
                "決まった語の文字列".to_owned(),
                "one of the known words, in quotes".to_owned(),
            );
        }
        _ => return (words.to_owned(), words.to_owned()),
    };
    let value = value.trim_start_matches("point ");
    (
        format!("{ja} {value}").trim_end().to_owned(),
        words.to_owned(),
    )
}

fn tell_value(fault: &ValueFault) -> Told {
    match fault {
        ValueFault::Number(fault) => tell_number(fault),
        ValueFault::Port(fault) => tell_port(fault),
        ValueFault::Row(fault) => tell_row(fault),
        ValueFault::Printer(fault) => printer::tell(*fault),
        ValueFault::Tender(fault) => orca_tender::tell(*fault),
        ValueFault::Orca(fault) => orca::tell(*fault),
        ValueFault::Scanner(fault) => scanner::tell(*fault),
    }
}

fn tell_number(fault: &NumberFault) -> Told {
    match fault {
        NumberFault::TestMode => told(
            (
                "CAT連動 9(テストモード)は店舗では使えません。",
                "CAT link 9 (test mode) is not to be used in a shop.",
            ),
            (
                "連動するなら cat_link = 1、しないなら 0 にします。練習には mode = 1(練習モード)を使ってください。請求されません。",
                "use cat_link = 1 to link, 0 not to. To practise, set mode = 1 (practice): nothing is charged.",
            ),
        ),
        NumberFault::ZeroOrOne { value } => told(
            (
                format!("{value} は使えません。0 か 1 の項目です。"),
                format!("{value} cannot be used: this is a 0 or 1 switch."),
            ),
            (
                "0(しない)か 1(する)にしてください。",
                "write 0 (no) or 1 (yes).",
            ),
        ),
        NumberFault::OutOfRange { low, high } => told(
            ("値が範囲の外です。", "the value is out of its range."),
            (
                format!("{low} から {high} までの整数にしてください。"),
                format!("write a whole number from {low} to {high}."),
            ),
        ),
    }
}

fn tell_port(fault: &PortFault) -> Told {
    match fault {
        PortFault::LineOfLan => told(
            (
                "LAN のポートに通信条件(baud など)が書かれています。",
                "a LAN port has no line settings (baud, data_bits, parity, stop_bits).",
            ),
            (
                "その行を消すか、port をシリアルポートにしてください。",
                "take them out, or make the port a serial one.",
            ),
        ),
        PortFault::SamePort => told(
            (
                "CAT1 と CAT2 が同じポートです。",
                "cat1 and cat2 are one and the same port.",
            ),
            (
                "端末が1台なら [terminal.cat2] を消してください。",
                "with one terminal, take [terminal.cat2] out.",
            ),
        ),
        PortFault::SameModel => told(
            (
                "CAT1 と CAT2 が同じ機種なので、CAT2 へ送るカードがありません。",
                "cat1 and cat2 are of one model, so no card ever goes to cat2.",
            ),
            (
                "カードは連携機種で振り分けます。1台ずつ別のPCにつなぐか、[terminal.cat2] を消してください。",
                "a card goes to the port that has its model: put each terminal at a PC of its own, or take [terminal.cat2] out.",
            ),
        ),
        PortFault::UndoNotCarried { model } => told(
            (
                format!("{model} の連動は取消も返品も扱いません。undo_link = 1 は効きません。"),
                format!(
                    "the link of a {model} carries neither void nor refund: undo_link = 1 does nothing."
                ),
            ),
            (
                "取消と返品は端末での手動操作になります。行を消すか 0 にしてください。",
                "they are worked by hand at the terminal; take the line out, or write 0.",
            ),
        ),
        PortFault::OtherPort { model, port } => told(
            (
                format!("{model} は TCP ポート {port} で待つ端末です。"),
                format!("a {model} listens on TCP port {port}."),
            ),
            (
                format!("端末側を変えていなければ、ポートを {port} にしてください。"),
                format!("unless it was changed at the terminal, make the port {port}."),
            ),
        ),
        PortFault::UnknownModel { model, known } => {
            let all = known.join(", ");
            let near = nearest(model, known).unwrap_or(super::DEFAULT_MODEL);
            told(
                (
                    format!("連携機種「{model}」はありません。"),
                    format!("there is no terminal model `{model}`."),
                ),
                (
                    format!("「{near}」など、次のどれかにしてください: {all}"),
                    format!("use `{near}` or another of: {all}"),
                ),
            )
        }
    }
}

fn tell_row(fault: &RowFault) -> Told {
    match fault {
        RowFault::Operator(fault) => operator::tell(fault),
        RowFault::TooManyCards => told(
            (
                "カード会社が99件を超えています。",
                "there are more than 99 card companies.",
            ),
            (
                "使わないカード会社を消してください。",
                "take out those that are not used.",
            ),
        ),
        RowFault::FixedClass => told(
            (
                "カード区分 1, 2, 3, 30 の意味は変えられません。",
                "the meanings of card classes 1, 2, 3 and 30 are fixed.",
            ),
            (
                "4 から 29、または 31 以上の番号を使ってください。",
                "use a number from 4 to 29, or 31 and above.",
            ),
        ),
        RowFault::UnknownAnswer { class } => told(
            (
                format!("answered_by のカード区分 {class} がありません。"),
                format!("answered_by names card class {class}, which does not exist."),
            ),
            (
                "その番号を消すか、[[card_class]] で足してください。",
                "take the number out, or add a [[card_class]] for it.",
            ),
        ),
        RowFault::ClassNotTaken { code, class, model } => told(
            (
                format!(
                    "カード会社 {code}: {model} の連動はカード区分 {class} を扱いません。このカードは端末での手動操作になります。"
                ),
                format!(
                    "card company {code}: the link of a {model} takes no card class {class}; this card is worked by hand at the terminal."
                ),
            ),
            (
                format!(
                    "連動できるカード区分は madoguchi models show {model} の accepts にあります。手動でよければ sales_link を 0 にしてください。"
                ),
                format!(
                    "`madoguchi models show {model}` lists those it takes under accepts; where by hand is right, set sales_link = 0."
                ),
            ),
        ),
        RowFault::NothingLinked => told(
            (
                "CAT連動は 1 ですが、売上連携 1 のカード会社がありません。",
                "the CAT link is on, but no card company has sales_link = 1.",
            ),
            (
                "連動するカード会社の sales_link を 1 に、連動しない端末なら cat_link を 0 にしてください。",
                "set sales_link = 1 for the cards to link, or cat_link = 0 for a counter without a link.",
            ),
        ),
    }
}

fn tell_form(form: Form) -> Told {
    match form {
        Form::InvoiceNumber => told(
            (
                "登録番号の形ではありません。",
                "this is not an invoice registration number.",
            ),
            (
                "T に続けて13桁の数字を書くか、登録していなければ行を消してください。例: \"T1234567890123\"",
                "write T and 13 digits, such as \"T1234567890123\", or take the line out where there is none.",
            ),
        ),
        Form::TimeOfDay => told(
            ("時刻の形ではありません。", "this is not a time of day."),
            (
                "\"05:00\" のように書いてください。",
                "write it like \"05:00\".",
            ),
        ),
        Form::Offset => told(
            (
                "時差の形ではありません。",
                "this is not an offset from UTC.",
            ),
            ("日本なら \"+09:00\" です。", "Japan is \"+09:00\"."),
        ),
        Form::OperatorCode => told(
            (
                "担当者コードに使えない文字があります。",
                "this operator code cannot be typed at the counter.",
            ),
            (
                "半角の英数字とハイフンにしてください。例: \"03\"",
                "use letters, digits and hyphens, such as \"03\".",
            ),
        ),
        Form::NameLines => told(
            (
                "店名は1行から4行です。",
                "the shop's name takes one to four lines.",
            ),
            (
                "name = [\"店名\", \"住所\", \"電話\"] のように書いてください。",
                "write it like name = [\"shop\", \"address\", \"phone\"].",
            ),
        ),
    }
}

fn tell_text(fault: TextFault) -> Told {
    match fault {
        TextFault::Empty => told(
            (
                "何も書かれていません。",
                "there is nothing between the quotes.",
            ),
            ("値を書いてください。", "write a value."),
        ),
        TextFault::TooLong(max) => told(
            ("長すぎます。", "the text is too long."),
            (
                format!("{max}文字以内にしてください。"),
                format!("make it {max} characters at most."),
            ),
        ),
        TextFault::Unsafe => told(
            (
                "制御文字か目に見えない文字が入っています。",
                "the text holds control characters or invisible ones.",
            ),
            (
                "その文字を消して打ち直してください。",
                "take them out and type the text again.",
            ),
        ),
        TextFault::CardNumber => told(
            (
                "カード番号に見える数字が入っています。",
                "the text holds digits that may be a card number.",
            ),
            (
                "カード番号は書かないでください。",
                "no card number belongs into the config.",
            ),
        ),
    }
}

fn tell_address(reason: BadAddress) -> Told {
    let what = match reason {
        BadAddress::Empty => ("ポートが空です。", "the port is empty."),
        BadAddress::Malformed => (
            "ポートの名前として使えない文字か長さです。",
            "no port has a name like this.",
        ),
        BadAddress::Scheme => (
            "tcp:// 以外の形式は使えません。",
            "only tcp:// addresses are known.",
        ),
        BadAddress::Host => (
            "ホスト名が読めません。",
            "the host name is missing or malformed.",
        ),
        BadAddress::Number => (
            "TCPポート番号(1 から 65535)が読めません。",
            "the TCP port number (1 to 65535) is missing or malformed.",
        ),
        BadAddress::SchemeMissing => (
            "LAN のつなぎ先に tcp:// がありません。",
            "a LAN address starts with tcp://.",
        ),
    };
    told(
        what,
        (
            "シリアルなら \"/dev/ttyUSB0\" や \"COM3\"、LAN なら \"tcp://192.168.1.20:9005\" のように書いてください。",
            "write \"/dev/ttyUSB0\" or \"COM3\" for a serial port, \"tcp://192.168.1.20:9005\" for the LAN.",
        ),
    )
}
