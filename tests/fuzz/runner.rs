//! Plays a target: its kept inputs, then inputs made of them, by a seed. What gives an outcome not seen before is kept and built upon.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// The longest input that is made, in bytes.
const INPUT_MAX: usize = 8 * 1024;
/// The most inputs that are built upon.
const POOL_MAX: usize = 1_024;
/// How many executions, and from which seed, as `N` or `N@SEED`.
const VARIABLE: &str = "MADOGUCHI_FUZZ";

/// One thing that reads what others wrote.
pub(crate) struct Target {
    /// The folder of its kept inputs.
    pub(crate) name: &'static str,
    /// How often it is played where nothing is said; slow ones less often.
    pub(crate) executions: u64,
    /// One of so many executions of the others, for slow ones.
    pub(crate) share: u64,
    /// Inputs made by the product itself.
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
    /// Pieces worth putting in.
    pub(crate) words: &'static [&'static [u8]],
    /// Reads one input, panics where something is not as it must be, and says in a few words what came of it.
    pub(crate) play: fn(&[u8]) -> String,
}

/// Every kept input, every seed, and then as many made ones as are asked for. Panics on the first that fails, with the file it is in.
pub(crate) fn run(target: &Target) {
    let kept = kept_inputs(target.name);
    let mut pool: Vec<Vec<u8>> = kept;
    pool.extend((target.seeds)());
    assert!(
        !pool.is_empty(),
        "{} has nothing to begin with",
        target.name
    );
    let mut outcomes = HashSet::new();
    for input in &pool {
        outcomes.insert(play(target, input));
    }
    let (executions, seed) = asked_for(target);
    let mut dice = Dice::new(seed ^ hash(&target.name));
    for _ in 0..executions {
        let input = made(&pool, target.words, &mut dice);
        if outcomes.insert(play(target, &input)) {
            if pool.len() < POOL_MAX {
                pool.push(input);
            } else {
                let old = dice.below(pool.len());
                pool[old] = input;
            }
        }
    }
    println!(
        "{:<14} {executions:>9} executions, {:>6} outcomes, seed {seed}",
        target.name,
        outcomes.len()
    );
}

fn asked_for(target: &Target) -> (u64, u64) {
    let Ok(wish) = std::env::var(VARIABLE) else {
        return (target.executions, 1);
    };
    let (executions, seed) = wish.split_once('@').unwrap_or((&wish, "1"));
    let executions: u64 = executions.parse().expect("MADOGUCHI_FUZZ=N or N@SEED");
    let seed = seed.parse().expect("MADOGUCHI_FUZZ=N or N@SEED");
    (executions / target.share, seed)
}

fn play(target: &Target, input: &[u8]) -> u64 {
    match catch_unwind(AssertUnwindSafe(|| (target.play)(input))) {
        Ok(outcome) => hash(&outcome),
        Err(_) => {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!(
                "{}-{:016x}",
                target.name,
                hash(&input)
            ));
            let written = std::fs::write(&file, input).is_ok();
            panic!(
                "{}: {} bytes fail ({}); copy the file to tests/fuzz/corpus/{} once it is mended",
                target.name,
                input.len(),
                if written {
                    file.display().to_string()
                } else {
                    format!("{input:02x?}")
                },
                target.name
            );
        }
    }
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// The inputs in the repository, in the order of their names.
fn kept_inputs(name: &str) -> Vec<Vec<u8>> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/fuzz/corpus", name]
        .iter()
        .collect();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read(file).expect("a readable file"))
        .collect()
}

/// An input made of one or two others.
fn made(pool: &[Vec<u8>], words: &[&[u8]], dice: &mut Dice) -> Vec<u8> {
    let mut input = pool[dice.below(pool.len())].clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(input.len() + 1);
        let end = (at + 1 + dice.below(16)).min(input.len());
        match dice.below(10) {
            0 if at < input.len() => input[at] ^= 1 << dice.below(8),
            1 if at < input.len() => input[at] = dice.byte(),
            2 => input.insert(at, dice.byte()),
            3 => drop(input.drain(at..end)),
            4 => {
                let again = input[at..end].to_vec();
                for _ in 0..=dice.below(8) {
                    input.splice(at..at, again.iter().copied());
                }
            }
            5 => input.truncate(at),
            6 => {
                let other = &pool[dice.below(pool.len())];
                let from = dice.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            7 if at < input.len() => {
                const EDGES: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'0', b'9', b' '];
                input[at] = EDGES[dice.below(EDGES.len())];
            }
            8 if at < input.len() && input[at].is_ascii_digit() => {
                input[at] = b'0' + (dice.byte() % 10);
            }
            _ if !words.is_empty() => {
                let word = words[dice.below(words.len())];
                input.splice(at..at, word.iter().copied());
            }
            _ => input.push(dice.byte()),
        }
    }
    input.truncate(INPUT_MAX);
    input
}

/// SplitMix64: the same inputs from the same seed, everywhere.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("below a usize")
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}
