//! Figures as pictures (PNG), drawn from their SVG in the font that is shipped, so that no font of the system has a
//! part in them.

use super::Undrawn;
use png::{BitDepth, ColorType, Compression, Encoder, FilterType, PixelDimensions, Unit};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{Group, Node, Options, Tree};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// The font with Chinese characters that is shipped: a part of Noto Sans CJK SC under the SIL Open Font License 1.1.
pub const FONT: &[u8] = include_bytes!("../../fonts/PanelystSans-Regular.otf");
/// Its family.
pub const FAMILY: &str = "Panelyst Sans";

/// Pixels in a point of the drawing.
const SCALE: f32 = 2.0;
/// Pixels in a metre: a point of the drawing is 1/72 of an inch.
const A_METRE: f64 = SCALE as f64 * 72.0 / 0.0254;

/// The shipped font and no other; every family that a drawing asks for is this one.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_source(Source::Binary(Arc::new(FONT)));
    fonts.set_sans_serif_family(FAMILY);
    fonts.set_serif_family(FAMILY);
    Arc::new(fonts)
});

/// A figure as pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The PNG file.
    pub png: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Characters that the font does not have, each once; boxes stand in their places.
    pub missing: String,
}

/// Turns a drawing into a picture on white, with two pixels for every point (1/72 inch) of its width and height.
///
/// # Errors
/// A drawing that is no SVG, and what the writer of PNG reports; `figure` names it.
pub fn picture(figure: &str, drawn: &str) -> Result<Picture, Undrawn> {
    let failed = |why: String| Undrawn {
        figure: figure.to_owned(),
        why,
    };
    let options = Options {
        fontdb: Arc::clone(&FONTS),
        ..Options::default()
    };
    let tree = Tree::from_str(drawn, &options).map_err(|error| failed(error.to_string()))?;
    let size = tree.size().to_int_size().scale_by(SCALE);
    let size = size.ok_or_else(|| failed("it has no size".to_owned()))?;
    let mut pixels = Pixmap::new(size.width(), size.height())
        .ok_or_else(|| failed("it is too large for a picture".to_owned()))?;
    pixels.fill(Color::WHITE);
    let scale = Transform::from_scale(SCALE, SCALE);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    let mut missing = String::new();
    collect_missing(tree.root(), &mut missing);
    Ok(Picture {
        png: encode(&pixels).map_err(|error| failed(error.to_string()))?,
        width: size.width(),
        height: size.height(),
        missing,
    })
}

/// Characters of a group's texts that were set as the glyph for what is missing, which is the first of every font.
fn collect_missing(group: &Group, missing: &mut String) {
    for node in group.children() {
        match node {
            Node::Group(inner) => collect_missing(inner, missing),
            Node::Text(text) => {
                let glyphs = text.layouted().iter().flat_map(|s| &s.positioned_glyphs);
                for letter in glyphs.filter(|g| g.id.0 == 0).flat_map(|g| g.text.chars()) {
                    if !missing.contains(letter) {
                        missing.push(letter);
                    }
                }
            }
            Node::Path(_) | Node::Image(_) => {}
        }
    }
}

/// The file: one byte a pixel where there are few colours, as in most figures, else four.
fn encode(pixels: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::with_capacity(1 << 16);
    let mut encoder = Encoder::new(&mut out, pixels.width(), pixels.height());
    encoder.set_depth(BitDepth::Eight);
    // Half of the time would go into files as small as can be; these are two to four times as large.
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(FilterType::Up);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let a_metre = A_METRE.round() as u32;
    encoder.set_pixel_dims(Some(PixelDimensions {
        xppu: a_metre,
        yppu: a_metre,
        unit: Unit::Meter,
    }));
    let few = indexed(pixels.data());
    let data = match &few {
        Some((palette, indices)) => {
            encoder.set_color(ColorType::Indexed);
            encoder.set_palette(palette.as_slice());
            indices
        }
        // What stands on white has no transparent pixel, so that its colours are as they are drawn.
        None => {
            encoder.set_color(ColorType::Rgba);
            pixels.data()
        }
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(data)?;
    writer.finish()?;
    Ok(out)
}

/// Colours in the order in which they come first, three bytes each, and the place of every pixel's colour among them; `None`
/// where there are more than 256.
fn indexed(data: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut palette: Vec<u8> = Vec::with_capacity(3 * 256);
    let mut known: HashMap<u32, u8> = HashMap::with_capacity(256);
    let mut indices = Vec::with_capacity(data.len() / 4);
    // Most pixels have the colour of the one before.
    let mut last = None;
    for pixel in data.as_chunks::<4>().0 {
        let color = u32::from_le_bytes(*pixel);
        let index = match last {
            Some((before, index)) if before == color => index,
            _ => match known.get(&color) {
                Some(index) => *index,
                None => {
                    let index = u8::try_from(known.len()).ok()?;
                    known.insert(color, index);
                    palette.extend_from_slice(&pixel[..3]);
                    index
                }
            },
        };
        last = Some((color, index));
        indices.push(index);
    }
    Some((palette, indices))
}
