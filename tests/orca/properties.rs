//! What holds for whatever comes.

use madoguchi::domain::money::Yen;
use madoguchi::orca::answer::Answer;
use madoguchi::orca::call::Call;
use madoguchi::orca::node::Node;
use madoguchi::orca::push;
use madoguchi::orca::wire::{BodyKind, confirm, decode, encode};
use proptest::prelude::*;

use super::support::{answer, calls, dialect, payment};

/// A tree of texts, records and lists, as deep as the receipt computer's own.
fn tree() -> impl Strategy<Value = Node<'static>> {
    let leaf = "[ 0-9A-Za-z<>&\"'　一二三\u{1F600}-]{0,12}".prop_map(Node::text);
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Node::List),
            prop::collection::vec(("[A-Z][A-Za-z_]{0,8}", inner), 0..6).prop_map(|members| {
                Node::Record(
                    members
                        .into_iter()
                        .map(|(name, node)| (name.into(), node))
                        .collect(),
                )
            }),
        ]
    })
    .prop_map(|node| Node::record([("answer", node)]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_is_written_is_read_back_from_either_form(tree in tree()) {
        let json = tree.to_json();
        prop_assert_eq!(&Node::parse(json.as_bytes()).expect("JSON"), &tree);
        let xml = tree.to_xml("xmlio2");
        prop_assert_eq!(&Node::parse(xml.as_bytes()).expect("XML"), &tree);
    }

    #[test]
    fn nothing_that_comes_stops_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..512), status in 0_u16..700) {
        let mut response = answer(&bytes);
        response.status = status;
        for call in calls() {
            let _ = decode(&call, &response);
            let _ = confirm(&call, &response, &dialect(BodyKind::Json));
        }
        let _ = push::read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_result_of_noughts_alone_is_done(width in 1_usize..9, warned: bool, tail in "[1-9A-VX-Za-z]") {
        let mark = if warned { "W" } else { "" };
        let body = |code: &str| format!(r#"{{"incomev3res":{{"Api_Result":"{code}","Api_Result_Message":"m"}}}}"#);
        let noughts = format!("{mark}{}", "0".repeat(width));
        let call = Call::Finish { session: payment(1).session };
        prop_assert_eq!(decode(&call, &answer(body(&noughts).as_bytes())), Ok(Answer::Finished));
        let other = format!("{noughts}{tail}");
        prop_assert!(decode(&call, &answer(body(&other).as_bytes())).is_err());
    }

    #[test]
    fn an_amount_leaves_as_it_is_and_is_never_forced(amount in 1_i64..10_000_000) {
        let mut sent = payment(1);
        sent.amount = Yen::new(amount);
        for (call, sign) in [(Call::Pay(sent.clone()), ""), (Call::PayBack(sent), "-")] {
            for kind in [BodyKind::Json, BodyKind::Xml] {
                let body = encode(&call, &dialect(kind)).body;
                let tree = Node::parse(&body).expect("our own");
                let request = tree.get("incomev3req").expect("a request");
                prop_assert_eq!(request.str("Ic_Money"), format!("{sign}{amount}"));
                prop_assert_eq!(request.str("Force_Ic"), "False");
            }
        }
    }
}
