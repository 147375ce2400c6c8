//! madoguchi: the front-desk console of a clinic or shop.

fn main() {}
