//! The simulator's own dice: a small seeded generator, so that the same seed gives the same day.

/// xorshift64*, good enough for choosing a card brand and worthless for secrets.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        // The generator cannot leave zero; any odd constant moves every seed away from it.
        Dice(seed.wrapping_mul(2).wrapping_add(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn roll(&mut self) -> u64 {
        let mut x = self.0;
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.0 = x;
        x.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `sides`; zero for no sides.
    pub(super) fn below(&mut self, sides: u64) -> u64 {
        if sides == 0 { 0 } else { self.roll() % sides }
    }

    /// `count` capital letters and digits that cannot be taken for each other.
    pub(super) fn letters(&mut self, count: usize) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        (0..count)
            .map(|_| char::from(ALPHABET[(self.roll() >> 32) as usize % ALPHABET.len()]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_day_and_another_seed_another() {
        let day = |seed| {
            let mut dice = Dice::new(seed);
            (0..8).map(|_| dice.below(100)).collect::<Vec<_>>()
        };
        assert_eq!(day(7), day(7));
        assert_ne!(day(7), day(8));
        assert_eq!(Dice::new(0).below(0), 0);
        assert_eq!(Dice::new(1).letters(8).len(), 8);
    }
}
