//! Its XML: one root, and below it elements that say with `type` whether they are `record`, `array` or `string`.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{DEPTH_MAX, LIST_MAX, MEMBERS_MAX, NODES_MAX, Node, NodeError};

/// An element that is open.
struct Open {
    name: String,
    kind: Kind,
    text: String,
    children: Vec<(String, Node<'static>)>,
}

#[derive(PartialEq)]
enum Kind {
    Record,
    Array,
    Text,
    Unsaid,
}

pub(super) fn parse(text: &str) -> Result<Node<'static>, NodeError> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    let mut nodes = 0;
    loop {
        let event = reader
            .read_event()
            .map_err(|_| malformed(&reader, "no sound XML"))?;
        match event {
            Event::Start(start) => {
                nodes += 1;
                if root.is_some() || open.len() > DEPTH_MAX || nodes > NODES_MAX {
                    return Err(malformed(&reader, "too deep, or more than one root"));
                }
                open.push(opened(&start, open.is_empty())?);
            }
            Event::Empty(start) => {
                nodes += 1;
                if root.is_some() || nodes > NODES_MAX {
                    return Err(malformed(&reader, "more than one root"));
                }
                let element = opened(&start, open.is_empty())?;
                close(element, &mut open, &mut root)?;
            }
            Event::End(_) => {
                let element = open
                    .pop()
                    .ok_or_else(|| malformed(&reader, "an end too many"))?;
                close(element, &mut open, &mut root)?;
            }
            Event::Text(piece) => {
                add(&mut open, piece.as_ref()).ok_or_else(|| malformed(&reader, "text outside"))?;
            }
            Event::CData(piece) => {
                add(&mut open, piece.as_ref()).ok_or_else(|| malformed(&reader, "text outside"))?;
            }
            Event::GeneralRef(reference) => {
                let c = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c,
                    Ok(None) => match reference.as_ref() {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err(malformed(&reader, "an entity of its own")),
                    },
                    Err(_) => return Err(malformed(&reader, "a reference to no character")),
                };
                add(&mut open, c.encode_utf8(&mut [0; 4]))
                    .ok_or_else(|| malformed(&reader, "text outside"))?;
            }
            Event::DocType(kind) => {
                let is_html = kind.as_ref().trim_start().get(..4);
                return Err(
                    if is_html.is_some_and(|word| word.eq_ignore_ascii_case("html")) {
                        NodeError::Html
                    } else {
                        malformed(&reader, "a document type")
                    },
                );
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            // A document that is cut ends like a whole one: only a closed root is an answer.
            Event::Eof => return root.ok_or_else(|| malformed(&reader, "cut")),
        }
    }
}

fn malformed(reader: &Reader<&[u8]>, what: &str) -> NodeError {
    NodeError::Malformed(format!(
        "no sound XML at byte {}: {what}",
        reader.buffer_position()
    ))
}

fn opened(start: &BytesStart<'_>, is_root: bool) -> Result<Open, NodeError> {
    let name = start.name().as_ref().to_owned();
    if is_root && name.eq_ignore_ascii_case("html") {
        return Err(NodeError::Html);
    }
    let kind = start
        .try_get_attribute("type")
        .ok()
        .flatten()
        .map_or(Kind::Unsaid, |attribute| match attribute.value.as_ref() {
            "record" => Kind::Record,
            "array" => Kind::Array,
            _ => Kind::Text,
        });
    Ok(Open {
        name,
        kind,
        text: String::new(),
        children: Vec::new(),
    })
}

/// White space outside the root is nothing; anything else there is no document.
fn add(open: &mut [Open], piece: &str) -> Option<()> {
    match open.last_mut() {
        Some(element) => element.text.push_str(piece),
        None if piece.trim().is_empty() => {}
        None => return None,
    }
    Some(())
}

fn close(
    element: Open,
    open: &mut [Open],
    root: &mut Option<Node<'static>>,
) -> Result<(), NodeError> {
    let name = element.name;
    let node = match element.kind {
        Kind::Array => Node::List(element.children.into_iter().map(|(_, node)| node).collect()),
        Kind::Text if element.children.is_empty() => Node::text(element.text),
        Kind::Unsaid if element.children.is_empty() && !open.is_empty() => Node::text(element.text),
        Kind::Record | Kind::Text | Kind::Unsaid => Node::Record(
            element
                .children
                .into_iter()
                .map(|(name, node)| (Cow::Owned(name), node))
                .collect(),
        ),
    };
    match open.last_mut() {
        None => *root = Some(node),
        Some(parent) => {
            let most = if parent.kind == Kind::Array {
                LIST_MAX
            } else {
                MEMBERS_MAX
            };
            if parent.children.len() == most {
                return Err(NodeError::Malformed("no sound XML: too many".into()));
            }
            parent.children.push((name, node));
        }
    }
    Ok(())
}

pub(super) fn write(node: &Node<'_>, root: &str) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    xml.push_str(&format!("<{root}>\n"));
    if let Node::Record(members) = node {
        for (name, node) in members {
            element(&mut xml, name, node);
        }
    }
    xml.push_str(&format!("</{root}>\n"));
    xml
}

fn element(xml: &mut String, name: &str, node: &Node<'_>) {
    match node {
        Node::Text(text) => {
            xml.push_str(&format!("<{name} type=\"string\">"));
            xml.push_str(&quick_xml::escape::escape(text.as_ref()));
        }
        Node::Record(members) => {
            xml.push_str(&format!("<{name} type=\"record\">\n"));
            for (name, node) in members {
                element(xml, name, node);
            }
        }
        Node::List(nodes) => {
            xml.push_str(&format!("<{name} type=\"array\">\n"));
            let child = format!("{name}_child");
            for node in nodes {
                element(xml, &child, node);
            }
        }
    }
    xml.push_str(&format!("</{name}>\n"));
}
