//! What the tests that run the real program share.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test program is compiled with all of it and uses a part"
)]

pub mod child;
pub mod clinic;
pub mod console;
pub mod crowd;
pub mod hand;
pub mod orca_process;
pub mod patience;
pub mod peers;
pub mod site;
pub mod tap;
pub mod terminal_process;
pub mod till;
