//! The canvas that figures are drawn on: SVG whose text stays text, in tenths of a point.
//!
//! Colours are plain attributes, so that any program shows the file; a page may change them by attribute, as it does for
//! dark screens.

use crate::formats::cells::push_escaped_xml;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
};
use std::convert::Infallible;
use unicode_width::UnicodeWidthChar;

/// Units of the canvas in a point.
pub const POINT: i32 = 10;

/// Fonts, with those that have Chinese characters on the usual systems.
pub const FONTS: &str = "system-ui, 'Helvetica Neue', Arial, 'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', \
     'Microsoft YaHei', 'PingFang SC', 'WenQuanYi Micro Hei', sans-serif";

/// Elements of an SVG, written as they are drawn.
pub struct Canvas<'a> {
    out: &'a mut String,
    size: (u32, u32),
}

impl<'a> Canvas<'a> {
    /// A canvas of a size in its units.
    pub fn new(out: &'a mut String, size: (u32, u32)) -> Self {
        Self { out, size }
    }

    fn fill<S: BackendStyle>(&mut self, style: &S, filled: bool) {
        let color = style.color();
        let (paint, other) = if filled {
            ("fill", "")
        } else {
            ("stroke", " fill=\"none\"")
        };
        self.out
            .push_str(&format!("{other} {paint}=\"{}\"", hex(color)));
        if color.alpha < 1.0 {
            self.out
                .push_str(&format!(" {paint}-opacity=\"{}\"", color.alpha));
        }
        if !filled {
            let width = i32::try_from(style.stroke_width()).unwrap_or(POINT);
            self.out
                .push_str(&format!(" stroke-width=\"{}\"", points(width)));
        }
        self.out.push_str("/>\n");
    }

    fn line_of(&mut self, points_of: &[BackendCoord]) {
        self.out.push_str("<path d=\"");
        for (place, (x, y)) in points_of.iter().enumerate() {
            let letter = if place == 0 { 'M' } else { 'L' };
            self.out.push(letter);
            self.out.push_str(&format!("{} {}", points(*x), points(*y)));
        }
    }
}

/// A length in points with at most one decimal.
fn points(units: i32) -> String {
    let (sign, units) = (if units < 0 { "-" } else { "" }, units.abs());
    match units % POINT {
        0 => format!("{sign}{}", units / POINT),
        rest => format!("{sign}{}.{rest}", units / POINT),
    }
}

fn hex(color: BackendColor) -> String {
    let (r, g, b) = color.rgb;
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Width of a text in units of the canvas, by the columns that it takes on a terminal and by the letters that are wider than
/// most: a rule for layout, no more.
pub fn width_of(text: &str, size: i32) -> i32 {
    let share = |letter: char| match letter {
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 92,
        'A'..='Z' => 68,
        _ => 56 * i32::try_from(letter.width().unwrap_or(0)).unwrap_or(2),
    };
    let shares: i32 = text.chars().map(share).fold(0, i32::saturating_add);
    shares.saturating_mul(size) / 100
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(at, (at.0 + 1, at.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        filled: bool,
    ) -> Drawn {
        if style.color().alpha == 0.0 {
            return Ok(());
        }
        let (x, y) = (
            upper_left.0.min(bottom_right.0),
            upper_left.1.min(bottom_right.1),
        );
        let (w, h) = (
            (upper_left.0 - bottom_right.0).abs(),
            (upper_left.1 - bottom_right.1).abs(),
        );
        self.out.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
            points(x),
            points(y),
            points(w),
            points(h)
        ));
        self.fill(style, filled);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        if style.color().alpha == 0.0 {
            return Ok(());
        }
        let all: Vec<BackendCoord> = path.into_iter().collect();
        self.line_of(&all);
        self.out.push('"');
        self.fill(style, false);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        filled: bool,
    ) -> Drawn {
        self.out.push_str(&format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"",
            points(center.0),
            points(center.1),
            points(i32::try_from(radius).unwrap_or(POINT))
        ));
        self.fill(style, filled);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        let all: Vec<BackendCoord> = corners.into_iter().collect();
        self.line_of(&all);
        self.out.push_str("Z\"");
        self.fill(style, true);
        Ok(())
    }

    fn draw_text<TStyle: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &TStyle,
        at: BackendCoord,
    ) -> Drawn {
        if text.is_empty() {
            return Ok(());
        }
        let anchor = style.anchor();
        let (x, y) = (points(at.0), points(at.1));
        self.out.push_str(&format!("<text x=\"{x}\" y=\"{y}\""));
        // The line of letters below the point of the text, as a share of its size.
        let below = match anchor.v_pos {
            VPos::Top => ".78em",
            VPos::Center => ".35em",
            VPos::Bottom => "-.32em",
        };
        self.out.push_str(&format!(" dy=\"{below}\""));
        match anchor.h_pos {
            HPos::Left => {}
            HPos::Center => self.out.push_str(" text-anchor=\"middle\""),
            HPos::Right => self.out.push_str(" text-anchor=\"end\""),
        }
        #[allow(clippy::cast_possible_truncation)]
        let size = style.size().round() as i32;
        self.out.push_str(&format!(
            " font-size=\"{}\" fill=\"{}\"",
            points(size),
            hex(style.color())
        ));
        if matches!(style.style(), FontStyle::Bold) {
            self.out.push_str(" font-weight=\"bold\"");
        }
        let turned = match style.transform() {
            FontTransform::None => None,
            FontTransform::Rotate90 => Some(90),
            FontTransform::Rotate180 => Some(180),
            FontTransform::Rotate270 => Some(270),
        };
        if let Some(degrees) = turned {
            self.out
                .push_str(&format!(" transform=\"rotate({degrees} {x} {y})\""));
        }
        self.out.push('>');
        push_escaped_xml(self.out, text);
        self.out.push_str("</text>\n");
        Ok(())
    }

    fn estimate_text_size<TStyle: BackendTextStyle>(
        &self,
        text: &str,
        style: &TStyle,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        #[allow(clippy::cast_possible_truncation)]
        let size = style.size().round() as i32;
        let positive = |v: i32| u32::try_from(v).unwrap_or(0);
        Ok((positive(width_of(text, size)), positive(size)))
    }
}
