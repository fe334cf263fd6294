//! Figures of results as SVG and PNG: what is drawn is plain data that the study computes; a plotting library places it.
//!
//! The same data give the same bytes. Colours are those of Okabe and Ito (2008), "Color universal design", which readers
//! without full colour vision tell apart; text stays text, so that it is found, read aloud and set in a font that is there.

mod canvas;
mod chart;
mod curve;
mod grid;
mod histogram;
mod intervals;
mod lines;
mod picture;
mod scatter;
mod tiles;

pub use curve::Curve;
pub use grid::Grid;
pub use histogram::Histogram;
pub use intervals::{Interval, Intervals};
pub use lines::{Line, Lines};
pub use picture::{FAMILY, FONT, Picture, picture};
pub use scatter::{Dot, Scatter};
pub use tiles::{LAYOUTS, Tile, TileMap, tile_map};

use crate::formats::cells::{language_tag, push_escaped_xml};
use crate::table::{Digits, Lang};
pub(crate) use canvas::FONTS;
use canvas::{Canvas, POINT};
use plotters::prelude::IntoDrawingArea;

/// A figure with its words.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Identifier, also the name of its file: `figure1-coefficients`.
    pub id: String,
    /// `Figure 1`.
    pub label: String,
    /// Title.
    pub title: String,
    /// What is drawn, formula, sample and convention, one sentence each.
    pub caption: String,
    /// Language.
    pub lang: Lang,
    /// What is drawn.
    pub content: Content,
}

/// What a figure draws.
#[derive(Clone, Debug)]
pub enum Content {
    /// Estimates with intervals, one a row.
    Intervals(Intervals),
    /// A specification curve with the choices behind each estimate.
    Curve(Curve),
    /// Lines over time.
    Lines(Lines),
    /// A map of units as tiles.
    Tiles(TileMap),
    /// A histogram with outliers.
    Histogram(Histogram),
    /// Points and a line through them.
    Scatter(Scatter),
    /// Numbers by unit and period.
    Grid(Grid),
}

/// A figure could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{figure} cannot be drawn: {why}")]
pub struct Undrawn {
    /// The figure.
    pub figure: String,
    /// What the plotting library says.
    pub why: String,
}

impl Figure {
    /// Draws the figure as SVG without ground, for a page.
    ///
    /// # Errors
    /// What the plotting library reports.
    pub fn draw(&self) -> Result<String, Undrawn> {
        let (width, height) = self.size();
        let mut out = String::with_capacity(1 << 14);
        out.push_str(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"img\" aria-labelledby=\"{0}-title {0}-desc\" lang=\"{1}\" font-family=\"{FONTS}\">\n<title id=\"{0}-title\">",
            self.id,
            language_tag(self.lang)
        ));
        push_escaped_xml(&mut out, &format!("{} {}", self.label, self.title));
        out.push_str(&format!("</title>\n<desc id=\"{}-desc\">", self.id));
        push_escaped_xml(&mut out, &self.description());
        out.push_str("</desc>\n");
        let units = |points: i32| u32::try_from(points * POINT).unwrap_or(0);
        {
            let canvas = Canvas::new(&mut out, (units(width), units(height)));
            let area = canvas.into_drawing_area();
            let drawn = match &self.content {
                Content::Intervals(content) => intervals::draw(&area, content),
                Content::Curve(content) => curve::draw(&area, content, self.lang),
                Content::Lines(content) => lines::draw(&area, content),
                Content::Tiles(content) => tiles::draw(&area, content, self.lang),
                Content::Histogram(content) => histogram::draw(&area, content),
                Content::Scatter(content) => scatter::draw(&area, content),
                Content::Grid(content) => grid::draw(&area, content),
            };
            drawn.map_err(|error| Undrawn {
                figure: self.label.clone(),
                why: error.to_string(),
            })?;
        }
        out.push_str("</svg>\n");
        Ok(out)
    }

    /// Width and height in points.
    pub(crate) fn size(&self) -> (i32, i32) {
        let height = match &self.content {
            Content::Intervals(content) => intervals::height(content),
            Content::Curve(content) => curve::height(content),
            Content::Tiles(content) => tiles::height(content),
            Content::Grid(content) => grid::height(content),
            Content::Lines(content) => lines::height(content),
            Content::Histogram(_) | Content::Scatter(_) => 380,
        };
        (chart::WIDTH, height)
    }

    /// What is to be seen, in words, for those who do not see it.
    pub(crate) fn description(&self) -> String {
        match &self.content {
            Content::Intervals(content) => intervals::words(content, self.lang),
            Content::Curve(content) => curve::words(content, self.lang),
            Content::Lines(content) => lines::words(content),
            Content::Tiles(content) => tiles::words(content),
            Content::Histogram(content) => histogram::words(content, self.lang),
            Content::Scatter(content) => scatter::words(content, self.lang),
            Content::Grid(content) => grid::words(content, self.lang),
        }
    }
}

/// A drawn figure on white, for a file of its own.
pub fn on_white(inline: &str) -> String {
    let ground = inline.replacen("<svg ", "<svg style=\"background:#ffffff\" ", 1);
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{ground}")
}

/// A number as figures say it: three significant digits.
fn number(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    crate::numbers::text(value, Digits::Significant(3))
}
