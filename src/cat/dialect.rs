//! Frames to commands and answers, and back.
