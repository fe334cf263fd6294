//! A map of units as tiles of one size: where a unit lies, roughly, without any geography.

use super::canvas::{POINT, width_of};
use super::chart::{Area, BLUE, Drawn, INK, LINE, SMALL, TEXT, WIDTH, stroke, style, write};
use super::number;
use crate::table::Lang;
use plotters::prelude::Rectangle;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

/// Layouts by the name of their table of names: rows of key, code, Chinese name, row and column.
pub const LAYOUTS: &[(&str, &str)] = &[
    (
        "china-provinces",
        include_str!("layouts/china_provinces.csv"),
    ),
    ("us-states", include_str!("layouts/us_states.csv")),
];

/// Numbers of units on a map of tiles.
#[derive(Clone, Debug, PartialEq)]
pub struct TileMap {
    /// Words of the number.
    pub what: String,
    /// Tiles of the layout; those without a number are drawn empty.
    pub tiles: Vec<Tile>,
    /// Units with a number that the layout does not have: named below the map with their numbers.
    pub unplaced: Vec<(String, f64)>,
}

/// A tile.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// Row from above, from 0.
    pub row: i32,
    /// Column from the left, from 0.
    pub column: i32,
    /// Short name.
    pub code: String,
    /// The unit as the study names it; the key of the layout where it has no number.
    pub name: String,
    /// Its number.
    pub value: Option<f64>,
}

/// Places units on a layout; nothing where there is no such layout. `units` are key, name in the study and number.
pub fn tile_map(
    layout: &str,
    what: &str,
    units: &[(Option<&str>, &str, f64)],
    lang: Lang,
) -> Option<TileMap> {
    let (_, text) = LAYOUTS.iter().find(|(name, _)| *name == layout)?;
    let mut placed = vec![false; units.len()];
    let mut tiles = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [key, code, chinese, row, column] = cells.as_slice() else {
            continue;
        };
        let unit = units.iter().position(|(own, _, _)| *own == Some(*key));
        if let Some(place) = unit {
            placed[place] = true;
        }
        tiles.push(Tile {
            row: row.parse().ok()?,
            column: column.parse().ok()?,
            code: match lang {
                Lang::Zh if !chinese.is_empty() => (*chinese).to_owned(),
                _ => (*code).to_owned(),
            },
            name: unit.map_or_else(|| (*key).to_owned(), |place| units[place].1.to_owned()),
            value: unit.map(|place| units[place].2),
        });
    }
    let unplaced = units
        .iter()
        .zip(&placed)
        .filter(|(_, placed)| !**placed)
        .map(|((_, name, value), _)| ((*name).to_owned(), *value))
        .collect();
    Some(TileMap {
        what: what.to_owned(),
        tiles,
        unplaced,
    })
}

/// Strength of the colour of each fifth of the units.
const SHADES: [f64; 5] = [0.08, 0.25, 0.45, 0.7, 1.0];

impl TileMap {
    fn numbers(&self) -> Vec<f64> {
        let mut all: Vec<f64> = self.tiles.iter().filter_map(|t| t.value).collect();
        all.extend(self.unplaced.iter().map(|u| u.1));
        all.sort_by(f64::total_cmp);
        all
    }

    /// Ends between fifths of the units.
    fn ends(&self) -> Vec<f64> {
        let all = self.numbers();
        let n = all.len();
        if n == 0 {
            return Vec::new();
        }
        (1..SHADES.len())
            .map(|part| all[(part * n / SHADES.len()).min(n - 1)])
            .collect()
    }

    fn size(&self) -> (i32, i32) {
        let last = |of: fn(&Tile) -> i32| self.tiles.iter().map(of).max().unwrap_or(0) + 1;
        (last(|t| t.row), last(|t| t.column))
    }

    fn side(&self) -> i32 {
        (WIDTH - 12) * POINT / self.size().1.max(1)
    }
}

const TOP: i32 = 40;

/// Height in points.
pub(super) fn height(content: &TileMap) -> i32 {
    let below = 16 * i32::try_from(content.unplaced.len()).unwrap_or(0);
    TOP + content.size().0 * content.side() / POINT + 10 + below
}

/// Draws the tiles.
///
/// # Errors
/// What the plotting library reports.
pub(super) fn draw(area: &Area<'_>, content: &TileMap, lang: Lang) -> Drawn {
    let ends = content.ends();
    let side = content.side();
    let gap = 2 * POINT;
    for tile in &content.tiles {
        let (x, y) = (
            6 * POINT + tile.column * side,
            TOP * POINT + tile.row * side,
        );
        let corners = [
            (x + gap / 2, y + gap / 2),
            (x + side - gap / 2, y + side - gap / 2),
        ];
        let middle = x + side / 2;
        let step = tile.value.map(|v| ends.iter().filter(|e| v >= **e).count());
        if let Some(step) = step {
            area.draw(&Rectangle::new(corners, BLUE.mix(SHADES[step]).filled()))?;
        }
        area.draw(&Rectangle::new(corners, stroke(LINE, 6)))?;
        let color = match step {
            Some(step) if step >= 3 => super::chart::PAPER,
            Some(_) => INK,
            None => LINE,
        };
        let size = if width_of(&tile.code, TEXT) > side - 4 * POINT {
            SMALL
        } else {
            TEXT
        };
        let up = if tile.value.is_some() { side / 8 } else { 0 };
        let code = style(color, size, HPos::Center, VPos::Center);
        write(area, &tile.code, (middle, y + side / 2 - up), code)?;
        if let Some(value) = tile.value {
            let words = style(color, SMALL, HPos::Center, VPos::Center);
            let text = crate::numbers::text(value, crate::table::Digits::Decimals(2));
            write(area, &text, (middle, y + side * 3 / 4), words)?;
        }
    }
    key(area, content, &ends)?;
    let bottom = TOP * POINT + content.size().0 * side + 12 * POINT;
    for (place, (name, value)) in content.unplaced.iter().enumerate() {
        let text = match lang {
            Lang::En => format!("not on the map: {name}, {}", number(*value)),
            Lang::Zh => format!("图中无位置：{name}，{}", number(*value)),
        };
        let y = bottom + i32::try_from(place).unwrap_or(0) * 16 * POINT;
        let words = style(INK, SMALL, HPos::Left, VPos::Center);
        write(area, &text, (6 * POINT, y), words)?;
    }
    Ok(())
}

/// The fifths with their ends.
fn key(area: &Area<'_>, content: &TileMap, ends: &[f64]) -> Drawn {
    let (mut x, y) = (8 * POINT, 4 * POINT);
    let (w, h) = (46 * POINT, 12 * POINT);
    for (place, shade) in SHADES.iter().enumerate() {
        let corners = [(x, y), (x + w, y + h)];
        area.draw(&Rectangle::new(corners, BLUE.mix(*shade).filled()))?;
        area.draw(&Rectangle::new(corners, stroke(LINE, 6)))?;
        x += w;
        if let Some(end) = ends.get(place) {
            let words = style(INK, SMALL, HPos::Center, VPos::Top);
            write(area, &number(*end), (x, y + h + POINT), words)?;
        }
    }
    let words = style(INK, TEXT, HPos::Left, VPos::Center);
    let text = super::chart::cut(&content.what, (WIDTH - 20) * POINT - x, TEXT);
    write(area, &text, (x + 10 * POINT, y + h / 2), words)
}

/// Each unit's number in words, from the largest.
pub(super) fn words(content: &TileMap) -> String {
    let mut named: Vec<(&str, f64)> = content
        .tiles
        .iter()
        .filter_map(|t| Some((t.name.as_str(), t.value?)))
        .collect();
    named.extend(content.unplaced.iter().map(|(n, v)| (n.as_str(), *v)));
    named.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let list: Vec<String> = named
        .iter()
        .map(|(n, v)| format!("{n} {}", number(*v)))
        .collect();
    format!("{}: {}", content.what, list.join("; "))
}
