//! Random numbers that depend on a seed and on the number of the draw only, not on threads.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;

/// The generator of one draw of one of several experiments under a seed: a 64-bit-output PCG generator (O'Neill 2014)
/// whose 256-bit state and stream are filled by SplitMix64 from the three numbers.
pub(crate) fn stream(seed: u64, experiment: u64, draw: u64) -> Pcg64 {
    let mut state = seed;
    let mut key = split_mix(&mut state);
    state = key ^ experiment;
    key = split_mix(&mut state);
    state = key ^ draw;
    let mut bytes = [0u8; 32];
    for chunk in bytes.chunks_exact_mut(8) {
        chunk.copy_from_slice(&split_mix(&mut state).to_le_bytes());
    }
    Pcg64::from_seed(bytes)
}

/// SplitMix64: the next output of a counter (Steele, Lea and Flood 2014, figure 4 with the finaliser of variant 13).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A uniform whole number below `bound` by multiplication with rejection (Lemire 2019).
pub(crate) fn below(random: &mut Pcg64, bound: u64) -> u64 {
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let wide = u128::from(random.next_u64()) * u128::from(bound);
        if wide as u64 >= threshold {
            return (wide >> 64) as u64;
        }
    }
}
