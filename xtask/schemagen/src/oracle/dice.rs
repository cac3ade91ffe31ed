//! Numbers that look random and are the same for the same seed (SplitMix64).

/// The source of the numbers.
pub struct Dice(u64);

impl Dice {
    /// Numbers for a seed and the names of what they are for, so that one part
    /// of a run does not depend on how much another has drawn.
    pub fn new(seed: u64, names: &[&str]) -> Self {
        // FNV-1a, which is the same on every machine and in every release.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in names.join("\n").bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Dice(hash ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number from 0 to below the limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % limit.max(1) as u64).unwrap_or(0)
    }

    /// Whether one of so many cases comes up.
    pub fn one_in(&mut self, cases: usize) -> bool {
        self.below(cases) == 0
    }

    /// One of several, unless there are none.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        among.get(self.below(among.len()))
    }
}
