//! The one shape of everything the receipt computer says, in JSON and in XML: texts, records with named members, lists. Bounded in size, depth and number.

mod json;
mod xml;

use std::borrow::Cow;

/// The longest body that is read, in bytes: a full list of 1,500 patients stays below it.
pub const BODY_MAX: usize = 8 * 1_024 * 1_024;
/// The longest list that is read; the receipt computer's own longest has 2,000 rows.
pub const LIST_MAX: usize = 4_000;
/// The most members of one record.
pub const MEMBERS_MAX: usize = 512;
/// The deepest nesting.
pub const DEPTH_MAX: usize = 32;
/// The most nodes of one body, whatever they are.
pub const NODES_MAX: usize = 400_000;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node<'a> {
    /// A leaf. The receipt computer knows no numbers: money is text with spaces in front.
    Text(Cow<'a, str>),
    /// A record, its members in their order.
    Record(Vec<(Cow<'a, str>, Node<'a>)>),
    /// An array.
    List(Vec<Node<'a>>),
}

/// Why a body is none of the receipt computer's sort.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NodeError {
    /// Larger than is read.
    #[error("longer than {BODY_MAX} bytes")]
    TooLong,
    /// Neither JSON nor its XML; the text is short and says where.
    #[error("{0}")]
    Malformed(String),
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// A page for people.
    #[error("a page in HTML")]
    Html,
    /// Something else.
    #[error("neither JSON nor XML")]
    Neither,
    /// Nothing at all.
    #[error("empty")]
    Empty,
}

impl<'a> Node<'a> {
    /// A leaf.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Node<'a> {
        Node::Text(text.into())
    }

    /// A record of these members.
    pub fn record<const N: usize>(members: [(&'static str, Node<'a>); N]) -> Node<'a> {
        Node::Record(
            members
                .into_iter()
                .map(|(name, node)| (Cow::Borrowed(name), node))
                .collect(),
        )
    }

    /// A record with one more member.
    #[must_use]
    pub fn with(mut self, name: &'static str, node: Node<'a>) -> Node<'a> {
        if let Node::Record(members) = &mut self {
            members.push((Cow::Borrowed(name), node));
        }
        self
    }

    /// A record with one more text, where there is one.
    #[must_use]
    pub fn with_some(self, name: &'static str, text: Option<impl Into<Cow<'a, str>>>) -> Node<'a> {
        match text {
            Some(text) => self.with(name, Node::text(text)),
            None => self,
        }
    }

    /// A member of a record; `None` where it is no record or has none of that name.
    pub fn get(&self, name: &str) -> Option<&Node<'a>> {
        match self {
            Node::Record(members) => members
                .iter()
                .find_map(|(known, node)| (known == name).then_some(node)),
            Node::Text(_) | Node::List(_) => None,
        }
    }

    /// The text of a member without the spaces around it; empty where there is none.
    pub fn str(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Node::Text(text)) => text.trim(),
            Some(Node::Record(_) | Node::List(_)) | None => "",
        }
    }

    /// The records of a list that is a member, empty ones in the middle and at the end left out. One record alone is a list of one.
    pub fn rows(&self, name: &str) -> impl Iterator<Item = &Node<'a>> {
        let rows: &[Node<'a>] = match self.get(name) {
            Some(Node::List(rows)) => rows,
            Some(one @ Node::Record(_)) => std::slice::from_ref(one),
            Some(Node::Text(_)) | None => &[],
        };
        rows.iter().filter(|row| !row.is_blank())
    }

    /// True where nothing is in it: padding.
    pub fn is_blank(&self) -> bool {
        match self {
            Node::Text(text) => text.trim().is_empty(),
            Node::Record(members) => members.iter().all(|(_, node)| node.is_blank()),
            Node::List(nodes) => nodes.iter().all(Node::is_blank),
        }
    }

    /// Read a body: its first character says whether it is JSON or XML.
    ///
    /// # Errors
    ///
    /// What is neither, is cut, or is beyond a bound.
    pub fn parse(body: &'a [u8]) -> Result<Node<'a>, NodeError> {
        if body.len() > BODY_MAX {
            return Err(NodeError::TooLong);
        }
        let text = std::str::from_utf8(body).map_err(|_| NodeError::NotText)?;
        let text = text.trim_start_matches('\u{FEFF}').trim();
        match text.as_bytes().first() {
            None => Err(NodeError::Empty),
            Some(b'<') => xml::parse(text),
            Some(b'{' | b'[') => json::parse(text),
            Some(_) => Err(NodeError::Neither),
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// As XML, below this root (`data` of a request, `xmlio2` of an answer).
    pub fn to_xml(&self, root: &str) -> String {
        xml::write(self, root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Node<'_> {
        Node::parse(text.as_bytes()).expect(text)
    }

    #[test]
    fn json_and_xml_say_the_same() {
        let json =
            r#"{"a":{"Name":"山田　太郎","Money":"      6030","Rows":[{"N":" 1"},{},{"N":"10"}]}}"#;
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
            <xmlio2>
              <a type="record">
                <Name type="string">山田　太郎</Name>
                <Money type="string">      6030</Money>
                <Rows type="array">
                  <Rows_child type="record"><N type="string"> 1</N></Rows_child>
                  <Rows_child type="record"></Rows_child>
                  <Rows_child type="record"><N type="string">10</N></Rows_child>
                </Rows>
              </a>
            </xmlio2>"#;
        assert_eq!(parse(json), parse(xml));
        let tree = parse(json);
        assert_eq!(tree.get("a").expect("a record").rows("Rows").count(), 2);
        assert_eq!(parse(&tree.to_json()), tree);
        assert_eq!(parse(&tree.to_xml("xmlio2")), tree);
    }

    #[test]
    fn what_stands_for_a_character_is_read_and_written() {
        let tree = Node::record([("a", Node::text("<&>\"' 𠮷 ㈱"))]);
        assert_eq!(parse(&tree.to_xml("data")), tree);
        assert_eq!(parse(&tree.to_json()), tree);
        let named =
            "<data><a type=\"string\">&lt;&amp;&gt;&quot;&apos; &#134071; &#x3231;</a></data>";
        assert_eq!(parse(named), tree);
    }

    #[test]
    fn booleans_numbers_and_nothing_are_text() {
        let tree = parse(r#"{"a":true,"b":-12,"c":null,"d":false,"e":650}"#);
        for (name, text) in [
            ("a", "true"),
            ("b", "-12"),
            ("c", ""),
            ("d", "false"),
            ("e", "650"),
        ] {
            assert_eq!(tree.str(name), text);
        }
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let deep = "[".repeat(DEPTH_MAX + 2) + &"]".repeat(DEPTH_MAX + 2);
        let deep_xml = "<a>".repeat(DEPTH_MAX + 2) + &"</a>".repeat(DEPTH_MAX + 2);
        let long = format!("[{}\"\"]", "\"\",".repeat(LIST_MAX));
        for text in [
            "",
            " \n ",
            "hello",
            "{\"a\":\"b\"",
            "{\"a\":\"b\"} x",
            "{\"a\":1.5}",
            "<xmlio2><a type=\"record\"><b type=\"string\">1</b>",
            "<xmlio2><a></b></xmlio2>",
            "<xmlio2/><xmlio2/>",
            "<xmlio2>&custom;</xmlio2>",
            "<!DOCTYPE html><html><body>Login</body></html>",
            "<html><head></head></html>",
            &deep,
            &deep_xml,
            &long,
        ] {
            assert!(Node::parse(text.as_bytes()).is_err(), "{text:.60}");
        }
        assert_eq!(Node::parse(b"\xff\xfe"), Err(NodeError::NotText));
        assert_eq!(Node::parse(b"<HTML>"), Err(NodeError::Html));
    }
}
