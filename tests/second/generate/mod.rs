//! Casebooks and questions from a seed: the same seed, the same question, on every machine. [`world`] makes small
//! tables with all that is awkward in them, [`expr`] grows typed expressions over them, [`query`] and [`later`] put
//! stages together. A question need not be a right one: those that the checker refuses are left out, and counted.

pub mod expr;
pub mod later;
pub mod query;
pub mod world;

/// A stream of numbers from a seed: splitmix64.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below this one.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    /// True so many times out of a hundred.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of several.
    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// The place of one of several that come up as often as these weights say.
    pub fn weighted(&mut self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|weight| {
                let here = left < *weight;
                left = left.wrapping_sub(*weight);
                here
            })
            .unwrap_or(0)
    }
}

/// What questions may hold beside what every version knows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Features {
    /// `per`, `sorted by` and `over` in brackets, `rank`, `running`, `before`, `share`.
    pub windows: bool,
    /// `quantile`, `stddev`, `first`, `last`, `list`.
    pub aggregates: bool,
    /// `quarter`, `weekday`, `split`, `bucket`, months added to dates and their like.
    pub functions: bool,
    /// `compare`, before a grouping.
    pub compare: bool,
    /// `fill`, `total`, `total(x)` and `pivot`, after one.
    pub regroup: bool,
    /// `top … with other`.
    pub other: bool,
    /// `append`, `except`, `join`, `unpivot`, `in (…)`.
    pub combine: bool,
    /// `months in 2023`, `periods A, B`, and aggregates over tables from their rows.
    pub calendars: bool,
}
