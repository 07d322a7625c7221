//! Random numbers that are the same everywhere: SplitMix64 (Steele, Lea and Flood, 2014).
//!
//! A counter steps by a fixed odd number, and each step is stirred until its bits look random. A library's generator
//! may change from one version to the next, and the committed files with it; these twelve lines will not. Everything
//! is done in integers: floating point could round differently elsewhere.

/// Stirs a number until its bits look random: the heart of SplitMix64, and a hash of its own.
pub fn stir(number: u64) -> u64 {
    let z = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A source of random numbers.
pub struct Rng(u64);

impl Rng {
    /// A source of its own for each `purpose`, so that a change in one part of the records leaves the others alone.
    pub fn new(seed: u64, purpose: &str) -> Self {
        Rng(purpose
            .bytes()
            .fold(seed, |hash, byte| stir(hash.wrapping_mul(257).wrapping_add(u64::from(byte)))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        stir(self.0)
    }

    /// A number from 0 to `count` - 1.
    pub fn below(&mut self, count: u64) -> u64 {
        // The high half of the product: no division, and a bias far too small to see here.
        ((u128::from(self.next()) * u128::from(count)) >> 64) as u64
    }

    /// A number from `low` to `high`, both ends included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True in so many cases of a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// One of several, each as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, from: &[(u64, T)]) -> T {
        let mut left = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in from {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        unreachable!("what is left is below the sum of the weights")
    }

    /// Brings a list into a random order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}
