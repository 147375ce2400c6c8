//! Text ids; Japanese and English side by side in assets.
