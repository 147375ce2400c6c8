//! JSON: `?format=json`.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{DEPTH_MAX, LIST_MAX, MEMBERS_MAX, NODES_MAX, Node, NodeError};

pub(super) fn parse(text: &str) -> Result<Node<'_>, NodeError> {
    let mut nodes = 0;
    let mut reader = serde_json::Deserializer::from_str(text);
    let seed = Seed {
        depth: 0,
        nodes: &mut nodes,
    };
    let node = seed
        .deserialize(&mut reader)
        .and_then(|node| reader.end().map(|()| node))
        // Line and column, and never what stands there.
        .map_err(|error| {
            NodeError::Malformed(format!(
                "no sound JSON at line {}, column {}",
                error.line(),
                error.column()
            ))
        })?;
    match node {
        Node::Text(_) => Err(NodeError::Malformed("no record".into())),
        node => Ok(node),
    }
}

pub(super) fn write(node: &Node<'_>) -> String {
    serde_json::to_string(node).expect("a tree of texts is always JSON")
}

struct Seed<'n> {
    depth: usize,
    nodes: &'n mut usize,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        *self.nodes += 1;
        if self.depth > DEPTH_MAX || *self.nodes > NODES_MAX {
            return Err(D::Error::custom("too deep or too many"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a record or a list")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::text(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(Node::text(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::text(if value { "true" } else { "false" }))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::text(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::text(""))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Node<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(row) = rows.next_element_seed(Seed {
            depth: self.depth + 1,
            nodes: self.nodes,
        })? {
            if list.len() == LIST_MAX {
                return Err(A::Error::custom("too long a list"));
            }
            list.push(row);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node<'de>, A::Error> {
        let mut record = Vec::new();
        while let Some(name) = members.next_key_seed(Name)? {
            if record.len() == MEMBERS_MAX {
                return Err(A::Error::custom("too large a record"));
            }
            let node = members.next_value_seed(Seed {
                depth: self.depth + 1,
                nodes: self.nodes,
            })?;
            record.push((name, node));
        }
        Ok(Node::Record(record))
    }
}

struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Text(text) => serializer.serialize_str(text),
            Node::Record(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, node) in members {
                    map.serialize_entry(name, node)?;
                }
                map.end()
            }
            Node::List(nodes) => {
                let mut list = serializer.serialize_seq(Some(nodes.len()))?;
                for node in nodes {
                    list.serialize_element(node)?;
                }
                list.end()
            }
        }
    }
}
