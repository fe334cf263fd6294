//! Figures are well-formed SVG, the same bytes each time, and draw what they are given.
#![allow(clippy::unwrap_used)]

use panelyst_report::Lang;
use panelyst_report::curve::Specification;
use panelyst_report::figures::{
    Content, Curve, Dot, Figure, Grid, Histogram, Interval, Intervals, LAYOUTS, Line, Lines,
    Scatter, on_white, tile_map,
};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::BTreeSet;

fn figure(content: Content, lang: Lang) -> Figure {
    Figure {
        id: "figure1-test".to_owned(),
        label: "Figure 1".to_owned(),
        title: "A < B & \"C\" 集聚".to_owned(),
        caption: String::new(),
        lang,
        content,
    }
}

/// Names of the elements and all text of an SVG; fails where it is not well-formed.
fn parsed(svg: &str) -> (Vec<String>, String) {
    let mut reader = Reader::from_str(svg);
    let (mut elements, mut text) = (Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(e) | Event::Empty(e) => {
                elements.push(e.name().as_ref().to_owned());
            }
            Event::Text(t) => text.push_str(&t),
            Event::Eof => return (elements, text),
            _ => {}
        }
    }
}

fn count(elements: &[String], name: &str) -> usize {
    elements.iter().filter(|e| *e == name).count()
}

fn rows() -> Intervals {
    let row = |label: &str, estimate, interval| Interval {
        label: label.to_owned(),
        estimate,
        interval,
        marked: false,
    };
    Intervals {
        axis: "Coefficient".to_owned(),
        rows: vec![
            row("(1)", Some(-0.5), Some((-0.75, -0.25))),
            row("(2) 滞后", Some(0.25), Some((f64::NEG_INFINITY, 0.5))),
            row("(3)", None, None),
        ],
        reference: None,
        from_zero: true,
    }
}

#[test]
fn every_row_has_a_point_its_interval_and_words() {
    let drawn = figure(Content::Intervals(rows()), Lang::En).draw().unwrap();
    let (elements, text) = parsed(&drawn);
    assert_eq!(
        count(&elements, "circle"),
        2,
        "no point where there is no estimate"
    );
    assert!(text.contains("(1): -0.500, -0.750 to -0.250"), "{text}");
    assert!(text.contains("(3): no estimate"), "{text}");
    assert!(text.contains("滞后"), "{text}");
    assert!(
        !drawn.contains("NaN") && !drawn.contains("inf\""),
        "{drawn}"
    );
    // The middle of the first interval is its point: both are drawn on one scale.
    let of = |from: &str, key: &str| -> f64 {
        let at = drawn.find(from).unwrap();
        let rest = &drawn[at + drawn[at..].find(key).unwrap() + key.len()..];
        rest[..rest.find(['"', ' ', 'L']).unwrap()].parse().unwrap()
    };
    let x = of("<circle", "cx=\"");
    let bar = drawn
        .lines()
        .find(|l| l.contains("stroke-width=\"2\""))
        .unwrap();
    let ends: Vec<f64> = bar
        .split(['M', 'L', '"'])
        .filter_map(|part| part.split(' ').next()?.parse().ok())
        .take(2)
        .collect();
    // Tenths of a point are drawn.
    assert!(
        (0.5 * (ends[0] + ends[1]) - x).abs() <= 0.11,
        "{ends:?} {x}"
    );
}

#[test]
fn the_same_figure_is_the_same_bytes_and_a_file_stands_on_white() {
    let first = figure(Content::Intervals(rows()), Lang::Zh).draw().unwrap();
    let second = figure(Content::Intervals(rows()), Lang::Zh).draw().unwrap();
    assert_eq!(first, second);
    let file = on_white(&first);
    assert!(file.starts_with("<?xml") && file.contains("background:#ffffff"));
    assert_eq!(parsed(&file).0, parsed(&first).0);
    assert!(first.contains("lang=\"zh-CN\""), "{first}");
    assert!(first.contains("A &lt; B &amp; "), "texts are escaped");
}

#[test]
fn every_unit_of_a_layout_has_a_place_of_its_own() {
    for (name, text) in LAYOUTS {
        let mut keys = BTreeSet::new();
        let mut places = BTreeSet::new();
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells.len(), 5, "{name}: {line}");
            assert!(keys.insert(cells[0]), "{name}: {line}");
            assert!(places.insert((cells[3], cells[4])), "{name}: {line}");
        }
        assert_eq!(keys.len(), if *name == "us-states" { 51 } else { 34 });
    }
}

#[test]
fn units_without_a_place_are_named_below_the_map() {
    let units = [
        (Some("Texas"), "TX", 1.5),
        (Some("Puerto Rico"), "Puerto Rico", 0.25),
        (None, "Atlantis", 0.75),
    ];
    let map = tile_map("us-states", "agg, 1986", &units, Lang::En).unwrap();
    assert_eq!(map.tiles.iter().filter(|t| t.value.is_some()).count(), 1);
    assert_eq!(map.unplaced.len(), 2);
    let drawn = figure(Content::Tiles(map), Lang::En).draw().unwrap();
    let (_, text) = parsed(&drawn);
    assert!(text.contains("not on the map: Atlantis, 0.750"), "{text}");
    assert!(
        text.contains("not on the map: Puerto Rico, 0.250"),
        "{text}"
    );
    assert_eq!(tile_map("bezirke", "x", &units, Lang::En), None);
}

#[test]
fn bins_hold_every_value_and_fences_are_those_of_tukey() {
    let values: Vec<(String, f64)> = (0..101).map(|i| (format!("u{i}"), f64::from(i))).collect();
    let mut content = Histogram {
        axis: "x".to_owned(),
        count: "n".to_owned(),
        values,
        quartiles: [25.0, 50.0, 75.0],
        median: "median".to_owned(),
    };
    content.values.push(("far".to_owned(), 151.0));
    assert_eq!(content.fences(), (-50.0, 150.0));
    assert_eq!(content.outliers().len(), 1);
    let bins = content.bins();
    assert_eq!(bins.iter().map(|b| b.2).sum::<usize>(), 102);
    let (_, text) = parsed(
        &figure(Content::Histogram(content.clone()), Lang::En)
            .draw()
            .unwrap(),
    );
    assert!(
        text.contains("far") && text.contains("1 beyond the fences"),
        "{text}"
    );
    // All values equal: one bin, no division by a range of zero.
    content.values.iter_mut().for_each(|v| v.1 = 3.0);
    content.quartiles = [3.0; 3];
    assert_eq!(content.bins().len(), 1);
    let drawn = figure(Content::Histogram(content), Lang::En)
        .draw()
        .unwrap();
    assert!(!drawn.contains("NaN"), "{drawn}");
}

#[test]
fn lines_break_at_gaps_and_labels_do_not_lie_on_one_another() {
    let line = |label: &str, shift: f64, gap: bool| Line {
        label: label.to_owned(),
        values: (2000..2008)
            .filter(|t| !gap || *t != 2003)
            .map(|t| (t, shift + 0.1 * (t - 2000) as f64))
            .collect(),
    };
    let content = Lines {
        time: "year".to_owned(),
        axis: "agg".to_owned(),
        reference: Some(1.0),
        lines: vec![
            line("a", 1.0, true),
            line("b", 1.001, false),
            line("c", 1.002, false),
        ],
    };
    let drawn = figure(Content::Lines(content), Lang::En).draw().unwrap();
    let (elements, _) = parsed(&drawn);
    let strokes = drawn.matches("stroke-width=\"1.8\"").count();
    assert_eq!(strokes, 4, "two runs and two lines");
    assert_eq!(count(&elements, "circle"), 7 + 8 + 8);
    let heights: Vec<f64> = drawn
        .lines()
        .filter(|l| {
            ["a</text>", "b</text>", "c</text>"]
                .iter()
                .any(|e| l.ends_with(e))
                && l.contains("font-size=\"11\"")
        })
        .map(|l| {
            l.split("y=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect();
    assert_eq!(heights.len(), 3, "{drawn}");
    for pair in heights.windows(2) {
        assert!((pair[0] - pair[1]).abs() >= 13.9, "{heights:?}");
    }
}

#[test]
fn points_and_cells_are_all_drawn() {
    let dots: Vec<Dot> = (0..40)
        .map(|i| Dot {
            x: f64::from(i) - 20.0,
            y: 0.5 * (f64::from(i) - 20.0) + f64::from(i % 3) - 1.0,
            name: format!("unit {i}"),
            marked: i % 20 == 0,
        })
        .collect();
    let scatter = Scatter {
        x: "x".to_owned(),
        y: "y".to_owned(),
        dots,
        slope: 0.5,
    };
    let drawn = figure(Content::Scatter(scatter), Lang::En).draw().unwrap();
    let (elements, text) = parsed(&drawn);
    assert_eq!(count(&elements, "circle"), 40);
    assert!(
        text.contains("unit 0") && text.contains("slope 0.500"),
        "{text}"
    );
    let grid = Grid {
        what: "residual".to_owned(),
        rows: vec!["A".to_owned(), "B".to_owned()],
        columns: vec![2000, 2001],
        cells: vec![(0, 0, 0.1), (0, 1, -3.5), (1, 1, 2.5)],
    };
    let drawn = figure(Content::Grid(grid), Lang::En).draw().unwrap();
    let (_, text) = parsed(&drawn);
    assert!(
        text.contains("largest: A 2001 -3.500, B 2001 2.500, A 2000 0.100"),
        "{text}"
    );
    assert_eq!(
        drawn.matches("#e2e2e2").count(),
        3 + 9,
        "three cells and the key"
    );
}

/// Rows whose choices repeat every three are drawn with all three options everywhere.
#[test]
fn a_long_curve_is_thinned_without_favour() {
    let rows = (0..9000).map(|place| Specification {
        estimate: Some(f64::from(place / 3)),
        ..Specification::refused(vec![Some(place as usize % 3)], String::new())
    });
    let curve = Curve {
        axis: String::new(),
        rows: rows.collect(),
        choices: Vec::new(),
        level: 0.05,
    };
    let drawn = curve.drawn();
    assert!(
        drawn.len() >= 2000 && drawn.len() <= 2003,
        "{}",
        drawn.len()
    );
    assert!(drawn[0] == 0 && drawn.last() == Some(&8999));
    assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
    for part in drawn.chunks_exact(400) {
        for option in 0..3 {
            // 133 on average; a deviation of 40 is more than four standard deviations.
            let count = part.iter().filter(|&&place| place % 3 == option).count();
            assert!((93..=173).contains(&count), "{option}: {count}");
        }
    }
}
