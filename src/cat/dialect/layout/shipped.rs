//! The layouts inside the program. Each is read once, when it is first asked for: a console in practice needs one on both ends of its line,
//! and its first frame waits for that.

use std::sync::LazyLock;

use super::Layout;

struct Shipped {
    name: &'static str,
    file: &'static str,
    layout: LazyLock<Layout>,
}

macro_rules! shipped {
    ($name:literal) => {
        Shipped {
            name: $name,
            file: include_str!(concat!("../../../../assets/layouts/", $name, ".toml")),
            layout: LazyLock::new(|| {
                let file = include_str!(concat!("../../../../assets/layouts/", $name, ".toml"));
                Layout::parse(concat!($name, ".toml"), file)
                    .expect("every shipped layout is tested to parse")
            }),
        }
    };
}

static SHIPPED: [Shipped; 4] = [
    shipped!("open-cat"),
    shipped!("transbank"),
    shipped!("ecr17"),
    shipped!("concert"),
];

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|shipped| shipped.name)
}

pub(super) fn file(name: &str) -> Option<&'static str> {
    find(name).map(|shipped| shipped.file)
}

pub(super) fn layout(name: &str) -> Option<Layout> {
    find(name).map(|shipped| (*shipped.layout).clone())
}

fn find(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|shipped| shipped.name == name)
}
