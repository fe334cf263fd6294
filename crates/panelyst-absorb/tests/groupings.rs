//! Codes, nesting, singletons and components against plain definitions.
#![allow(clippy::unwrap_used)]

use panelyst_absorb::codes::{combine, compact, encode_i64, encode_text};
use panelyst_absorb::{Error, components, is_nested, singleton_rows};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[test]
fn integers_are_coded_in_sorted_order() {
    let (codes, levels) = encode_i64(&[7, -3, 7, 500_000_000_000]).unwrap();
    assert_eq!(codes, [1, 0, 1, 2]);
    assert_eq!(levels, [-3, 7, 500_000_000_000]);
    let (codes, levels) = encode_i64(&[i64::MAX, i64::MIN, 0]).unwrap();
    assert_eq!(codes, [2, 0, 1]);
    assert_eq!(levels, [i64::MIN, 0, i64::MAX]);
    assert_eq!(encode_i64(&[]).unwrap(), (vec![], vec![]));
}

#[test]
fn texts_are_coded_in_sorted_order() {
    let (codes, levels) = encode_text(&["广东", "Anhui", "广东", ""]).unwrap();
    assert_eq!(codes, [2, 1, 2, 0]);
    assert_eq!(levels, ["", "Anhui", "广东"]);
}

#[test]
fn combinations_hold_only_pairs_that_occur() {
    let (codes, keys) = combine(&[&[1, 0, 1, 1], &[5, 5, 9, 5]]).unwrap();
    assert_eq!(codes, [1, 0, 2, 1]);
    assert_eq!(keys, [[0, 5], [1, 5], [1, 9]]);
    let error = combine(&[&[0, 1], &[0]]).unwrap_err();
    assert!(matches!(
        error,
        Error::Length {
            expected: 2,
            got: 1,
            ..
        }
    ));
    assert_eq!(combine(&[]).unwrap(), (vec![], vec![]));
}

#[test]
fn singletons_unravel_along_a_chain() {
    // Row 0 is alone in its first level; without it row 1 is alone in its second, and so on.
    let first = [0, 1, 1, 2, 2, 3, 3, 4, 4];
    let second = [0, 0, 1, 1, 2, 2, 9, 9, 9];
    let found = singleton_rows(&[&first, &second]).unwrap();
    assert_eq!(
        found.kept,
        [false, false, false, false, false, false, false, true, true]
    );
    assert_eq!((found.removed, found.rounds), (7, 7));
    assert_eq!(singleton_rows(&[]).unwrap().removed, 0);
    assert!(singleton_rows(&[&[0], &[]]).is_err());
}

/// A level with one row is found wherever it stands among ascending codes.
#[test]
fn one_row_alone_among_many_is_found() {
    let pairs: Vec<u32> = (0..20_000).map(|row| row / 2).collect();
    assert_eq!(singleton_rows(&[&pairs]).unwrap().removed, 0);
    for place in [0, 2, 4_094, 4_096, 4_098, 8_190, 8_192, 8_194, 19_998] {
        let mut codes = pairs.clone();
        codes.remove(place);
        let found = singleton_rows(&[&codes]).unwrap();
        assert_eq!(found.removed, 1, "{place}");
        assert!(!found.kept[place], "{place}");
    }
}

#[test]
fn the_rank_of_a_panel_loses_one() {
    let first: Vec<u32> = (0..12).map(|row| row / 3).collect();
    let second: Vec<u32> = (0..12).map(|row| row % 3).collect();
    assert_eq!(components(&first, 4, &second, 3).count, 1);
    let graph = components(&[0, 1, 2], 3, &[2, 0, 1], 3);
    assert_eq!(graph.first, [0, 1, 2]);
    assert_eq!(graph.second, [1, 2, 0]);
}

/// Singletons by the definition, one row at a time.
fn kept_by_definition(effects: &[Vec<u32>]) -> Vec<bool> {
    let mut kept = vec![true; effects[0].len()];
    loop {
        let alone = (0..kept.len()).find(|&row| {
            kept[row]
                && effects.iter().any(|codes| {
                    (0..kept.len())
                        .filter(|&other| kept[other] && codes[other] == codes[row])
                        .count()
                        == 1
                })
        });
        match alone {
            Some(row) => kept[row] = false,
            None => return kept,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn codes_lead_back_to_keys(keys in vec(prop_oneof![-9i64..9, any::<i64>()], 0..60)) {
        let (codes, levels) = encode_i64(&keys).unwrap();
        let sorted: Vec<i64> = keys.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        prop_assert_eq!(&levels, &sorted);
        for (key, code) in keys.iter().zip(codes) {
            prop_assert_eq!(levels[code as usize], *key);
        }
    }

    #[test]
    fn compacting_keeps_order(codes in vec(prop_oneof![0u32..9, 0u32..2_000_000], 0..60)) {
        let (compacted, levels) = compact(&codes).unwrap();
        prop_assert!(levels.windows(2).all(|pair| pair[0] < pair[1]));
        for (old, new) in codes.iter().zip(compacted) {
            prop_assert_eq!(levels[new as usize], *old);
        }
    }

    #[test]
    fn singletons_follow_the_definition(first in vec(0u32..12, 1..40), seed in vec(0u32..12, 40), third in vec(0u32..5, 40)) {
        let rows = first.len();
        let effects = [first, seed[..rows].to_vec(), third[..rows].to_vec()];
        let views: Vec<&[u32]> = effects.iter().map(Vec::as_slice).collect();
        let found = singleton_rows(&views).unwrap();
        prop_assert_eq!(&found.kept, &kept_by_definition(&effects));
        prop_assert_eq!(found.removed, found.kept.iter().filter(|kept| !**kept).count());
        prop_assert_eq!(found.removed == 0, found.rounds == 0);
    }

    #[test]
    fn singletons_of_ascending_codes_follow_the_definition(mut codes in vec(0u32..20, 1..40)) {
        codes.sort_unstable();
        let found = singleton_rows(&[&codes]).unwrap();
        prop_assert_eq!(found.kept, kept_by_definition(&[codes]));
    }

    #[test]
    fn nesting_follows_the_definition(inner in vec(0u32..8, 0..12), outer in vec(0u32..3, 12)) {
        let outer = &outer[..inner.len()];
        let expected = (0..inner.len()).all(|a| (0..inner.len()).all(|b| inner[a] != inner[b] || outer[a] == outer[b]));
        prop_assert_eq!(is_nested(&inner, outer), expected);
    }

    #[test]
    fn components_join_exactly_what_rows_join(first in vec(0u32..10, 1..25), seed in vec(0u32..10, 25)) {
        let (first, first_levels) = compact(&first).unwrap();
        let (second, second_levels) = compact(&seed[..first.len()]).unwrap();
        let graph = components(&first, first_levels.len(), &second, second_levels.len());
        // Labels spread along rows until nothing changes.
        let mut label: Vec<usize> = (0..first.len()).collect();
        for _ in 0..first.len() {
            for a in 0..first.len() {
                for b in 0..first.len() {
                    if first[a] == first[b] || second[a] == second[b] {
                        label[a] = label[a].min(label[b]);
                    }
                }
            }
        }
        prop_assert_eq!(graph.count, label.iter().collect::<BTreeSet<_>>().len());
        for a in 0..first.len() {
            prop_assert_eq!(graph.first[first[a] as usize], graph.second[second[a] as usize]);
            for b in 0..first.len() {
                let same = graph.first[first[a] as usize] == graph.first[first[b] as usize];
                prop_assert_eq!(same, label[a] == label[b]);
            }
        }
    }
}
