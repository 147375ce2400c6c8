//! Draws `State`; never changes it.
