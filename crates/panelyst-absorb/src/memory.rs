//! Memory that is freed and asked for again.
//!
//! Absorbing fills and frees columns by the dozen. The allocator of glibc gives each block above a threshold back to the system,
//! which hands out its pages anew, cleared, at the next use: a microsecond or more for every four kilobytes, up to a fifth of the
//! time of an estimation with a million rows (workers and firms). The threshold follows the largest block freed so far, up to 32 MiB, and twice of it is
//! what stays at hand (mallopt(3), `M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD`). So one block of that size, reserved, never
//! touched and freed, keeps up to 64 MiB with the process.

use std::hint::black_box;
use std::sync::Once;

/// The largest block that moves the threshold, less the allocator's own pages.
const BLOCK: usize = (32 << 20) - (64 << 10);

/// Fewer rows than this need no memory worth keeping.
const ROWS: usize = 1 << 16;

/// Lets the process keep the memory that absorbing `rows` rows frees. Other allocators reserve a block and free it.
pub(crate) fn keep_freed(rows: usize) {
    static DONE: Once = Once::new();
    if rows >= ROWS {
        DONE.call_once(|| drop(black_box(Vec::<u8>::with_capacity(BLOCK))));
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ROWS, keep_freed};
    use std::hint::black_box;

    /// Page faults of this thread that needed no disk: field 10 of its `stat`, the eighth after the name in brackets.
    fn faults() -> u64 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let fields = stat.rsplit(')').next().unwrap();
        fields.split_whitespace().nth(7).unwrap().parse().unwrap()
    }

    #[test]
    fn a_block_that_is_asked_for_again_has_its_pages() {
        keep_freed(ROWS);
        let touched = || {
            let before = faults();
            drop(black_box(vec![1.0f64; 1 << 20]));
            faults() - before
        };
        let (first, again) = (touched(), touched());
        // Eight megabytes are 2048 pages of 4 kB; larger pages are fewer.
        assert!(again <= 16, "{first} faults, then {again}");
    }
}
