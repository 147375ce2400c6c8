//! What differs between operating systems, in one place.

pub mod machine;
