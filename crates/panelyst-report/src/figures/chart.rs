//! What charts have in common: colours, sizes, axes and their numbers.

use super::canvas::{Canvas, POINT};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    Cartesian2d, ChartBuilder, ChartContext, DrawingArea, DrawingAreaErrorKind, IntoFont,
    PathElement, RGBColor, ShapeStyle, Text, TextStyle,
};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::convert::Infallible;
use std::ops::Range;

/// Width of every figure in points; a text of 14 points stays legible on a narrow screen.
pub const WIDTH: i32 = 560;
/// Size of text.
pub const TEXT: i32 = 13 * POINT;
/// Size of small text.
pub const SMALL: i32 = 11 * POINT;

/// Text and what matters most.
pub const INK: RGBColor = RGBColor(0x11, 0x11, 0x11);
/// Text beside.
pub const MUTED: RGBColor = RGBColor(0x59, 0x59, 0x59);
/// Axes and lines of reference.
pub const LINE: RGBColor = RGBColor(0x8c, 0x8c, 0x8c);
/// Lines of the ground.
pub const GRID: RGBColor = RGBColor(0xe2, 0xe2, 0xe2);
/// What is written on a strong colour.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// The first colour.
pub const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
/// The colour of what stands out.
pub const VERMILION: RGBColor = RGBColor(0xd5, 0x5e, 0x00);

/// Colours of series in order (Okabe and Ito 2008); a series is also told by its marker or label.
pub const SERIES: [RGBColor; 6] = [
    BLUE,
    VERMILION,
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    INK,
];

/// The area of a figure.
pub type Area<'a> = DrawingArea<Canvas<'a>, Shift>;
/// What drawing gives.
pub type Drawn = Result<(), DrawingAreaErrorKind<Infallible>>;
/// A chart of two numbers.
pub type Chart<'a, 'b> = ChartContext<'a, Canvas<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// A text style: colour, size and where the text stands from its point.
pub fn style(color: RGBColor, size: i32, h: HPos, v: VPos) -> TextStyle<'static> {
    ("sans-serif", size)
        .into_font()
        .color(&color)
        .pos(Pos::new(h, v))
}

/// A stroke of a width in tenths of a point.
pub fn stroke(color: RGBColor, width: u32) -> ShapeStyle {
    color.stroke_width(width)
}

/// A surface of a colour.
pub fn filled(color: RGBColor) -> ShapeStyle {
    color.filled()
}

/// A range around numbers with a margin of 5 % on both sides; numbers that are not finite are left out. One around zero
/// where there is none, and of some width where all are equal.
pub fn around(values: impl IntoIterator<Item = f64>) -> Range<f64> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        if value.is_finite() {
            low = low.min(value);
            high = high.max(value);
        }
    }
    if low > high {
        return -1.0..1.0;
    }
    let margin = match 0.05 * (high - low) {
        m if m > 0.0 => m,
        _ if low != 0.0 => 0.05 * low.abs(),
        _ => 1.0,
    };
    low - margin..high + margin
}

/// A number of an axis: as short as its step allows, with a real minus sign.
pub fn tick(value: &f64) -> String {
    // Steps of an axis meet zero up to rounding only.
    if value.abs() < 1e-12 {
        return "0".to_owned();
    }
    if value.abs() >= 1e6 || value.abs() < 1e-4 {
        return format!("{value:.2e}").replace('-', "\u{2212}");
    }
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" | "" => "0".to_owned(),
        text => text.replace('-', "\u{2212}"),
    }
}

/// Room between the edge of a figure and the words of its left axis.
const EDGE: i32 = 4;

/// Sides of the plain: left and below in points for the numbers and words of the axes.
pub struct Sides {
    /// Room on the left.
    pub left: i32,
    /// Room below.
    pub below: i32,
    /// Room on the right.
    pub right: i32,
    /// Room above.
    pub above: i32,
}

/// A chart with both axes.
///
/// # Errors
/// What the plotting library reports.
pub fn chart<'a, 'b>(
    area: &'a Area<'b>,
    (x, y): (Range<f64>, Range<f64>),
    sides: &Sides,
) -> Result<Chart<'a, 'b>, DrawingAreaErrorKind<Infallible>> {
    ChartBuilder::on(area)
        .margin_top(sides.above * POINT)
        .margin_right(sides.right * POINT)
        .x_label_area_size(sides.below * POINT)
        .margin_left(EDGE * POINT)
        .y_label_area_size((sides.left - EDGE) * POINT)
        .build_cartesian_2d(x, y)
}

/// Draws axes: numbers on x, and on y where `numbers_on_y`; words beside them.
///
/// # Errors
/// What the plotting library reports.
pub fn axes(
    chart: &mut Chart<'_, '_>,
    (x_words, y_words): (&str, &str),
    (numbers_on_x, numbers_on_y): (bool, bool),
    years: bool,
) -> Drawn {
    let text = style(INK, TEXT, HPos::Center, VPos::Top);
    // Words beside an axis are as long as the axis at most: smaller where they must be, cut where that is not enough.
    let (wide, high) = chart.plotting_area().dim_in_pixel();
    let room = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
    let (wide, high) = (room(wide), room(high));
    let fits = |words: &str, side| super::canvas::width_of(words, TEXT) <= side;
    let size = match fits(x_words, wide) && fits(y_words, high) {
        true => TEXT,
        false => SMALL,
    };
    let (x_words, y_words) = (cut(x_words, wide, size), cut(y_words, high, size));
    let number: &dyn Fn(&f64) -> String = &tick;
    let year: &dyn Fn(&f64) -> String = &|v: &f64| format!("{v:.0}");
    let mut mesh = chart.configure_mesh();
    mesh.light_line_style(GRID.mix(0.0))
        .bold_line_style(stroke(GRID, 8))
        .axis_style(stroke(LINE, 10))
        .label_style(text.clone())
        .axis_desc_style(style(INK, size, HPos::Center, VPos::Top))
        .set_all_tick_mark_size(4 * POINT)
        .x_labels(if numbers_on_x { 6 } else { 0 })
        .y_labels(if numbers_on_y { 6 } else { 0 })
        .x_label_formatter(if years { year } else { number })
        .y_label_formatter(number);
    if !x_words.is_empty() {
        mesh.x_desc(x_words);
    }
    if !y_words.is_empty() {
        mesh.y_desc(y_words);
    }
    if !numbers_on_y {
        mesh.disable_y_mesh();
    }
    if !numbers_on_x {
        mesh.disable_x_mesh();
    }
    mesh.draw()
}

/// A straight line between two points of a chart.
pub fn line(from: (f64, f64), to: (f64, f64), style: ShapeStyle) -> PathElement<(f64, f64)> {
    PathElement::new(vec![from, to], style)
}

/// A text at a place of the area, in its units.
///
/// # Errors
/// What the plotting library reports.
pub fn write(area: &Area<'_>, text: &str, at: (i32, i32), style: TextStyle<'static>) -> Drawn {
    area.draw(&Text::new(text.to_owned(), at, style))
}

/// A text cut to a width in units of the canvas, with a mark where something is missing.
pub fn cut(text: &str, width: i32, size: i32) -> String {
    if super::canvas::width_of(text, size) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if super::canvas::width_of(&kept, size) > width - size {
            break;
        }
    }
    kept.push('…');
    kept
}
