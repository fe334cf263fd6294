//! The paper set on pages, and written as PDF.

use super::{Markup, Paper, markup};
use crate::figures::{FAMILY, FONT};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime};
use typst::layout::{Frame, FrameItem, PagedDocument};
use typst::syntax::{FileId, Source, VirtualPath};
use typst::text::{Font, FontBook, TextItem};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_kit::fonts::{FontSearcher, FontSlot};
use typst_pdf::PdfOptions;

/// Families with Chinese characters, the first that is there is taken: those with serifs go with the rest of the text. The last
/// one is shipped.
const CHINESE: &[&str] = &[
    "Noto Serif CJK SC",
    "Noto Serif SC",
    "Source Han Serif SC",
    "Source Han Serif CN",
    "Songti SC",
    "STSong",
    "SimSun",
    "NSimSun",
    "FandolSong",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    FAMILY,
];

/// Why the paper could not be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unset {
    /// What the typesetter says.
    #[error("the PDF cannot be set: {0}")]
    Refused(String),
}

/// A paper on its pages.
#[derive(Debug)]
pub struct Typeset {
    document: PagedDocument,
    warnings: Vec<String>,
}

/// Sets the paper.
///
/// # Errors
/// What the typesetter says.
pub fn typeset(paper: &Paper<'_>) -> Result<Typeset, Unset> {
    let markup = markup(paper);
    let world = Desk::new(&markup);
    let set = typst::compile::<PagedDocument>(&world);
    let document = set.output.map_err(|errors| refused(&errors))?;
    let warnings = set.warnings.iter().map(|w| w.message.to_string());
    Ok(Typeset {
        document,
        warnings: warnings.collect(),
    })
}

fn refused(errors: &[SourceDiagnostic]) -> Unset {
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    Unset::Refused(messages.join("; "))
}

impl Typeset {
    /// The PDF, without a date.
    ///
    /// # Errors
    /// What the writer reports.
    pub fn pdf(&self) -> Result<Vec<u8>, Unset> {
        typst_pdf::pdf(&self.document, &PdfOptions::default()).map_err(|errors| refused(&errors))
    }

    /// The words of every page, one run of letters a line; those inside figures are not among them.
    pub fn pages(&self) -> Vec<String> {
        let text = |frame: &Frame| {
            let mut text = String::new();
            runs(frame, 0.0, &mut |item, _| {
                text.push_str(&item.text);
                text.push('\n');
            });
            text
        };
        self.document
            .pages
            .iter()
            .map(|page| text(&page.frame))
            .collect()
    }

    /// Width and height of every page in points.
    pub fn sizes(&self) -> Vec<(f64, f64)> {
        let size = |frame: &Frame| (frame.width().to_pt(), frame.height().to_pt());
        self.document
            .pages
            .iter()
            .map(|page| size(&page.frame))
            .collect()
    }

    /// Characters for which no font has a glyph, each once.
    pub fn missing(&self) -> String {
        let mut missing = String::new();
        for page in &self.document.pages {
            runs(&page.frame, 0.0, &mut |item, _| {
                let without = item.glyphs.iter().filter(|glyph| glyph.id == 0);
                for letter in without.flat_map(|glyph| item.text[glyph.range()].chars()) {
                    if !missing.contains(letter) {
                        missing.push(letter);
                    }
                }
            });
        }
        missing
    }

    /// Words that reach beyond the margins, which are so many points wide.
    pub fn outside(&self, margin: f64) -> Vec<String> {
        let mut outside = Vec::new();
        for page in &self.document.pages {
            let right = page.frame.width().to_pt() - margin;
            runs(&page.frame, 0.0, &mut |item, x| {
                if x < margin || x + item.width().to_pt() > right {
                    outside.push(item.text.to_string());
                }
            });
        }
        outside
    }

    /// What the typesetter warns of.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// Every run of letters of a frame in the order in which they were set, with its distance from the left.
fn runs(frame: &Frame, left: f64, found: &mut dyn FnMut(&TextItem, f64)) {
    for (point, item) in frame.items() {
        let x = left + point.x.to_pt();
        match item {
            FrameItem::Group(group) => runs(&group.frame, x + group.transform.tx.to_pt(), found),
            FrameItem::Text(text) => found(text, x),
            _ => {}
        }
    }
}

/// All that the typesetter may see: the main file, the figures and the fonts. There is no date and no network.
struct Desk {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<FontSlot>,
    /// The font that is shipped, behind the others in the book.
    shipped: Vec<Font>,
    main: Source,
    figures: Vec<(FileId, Bytes)>,
}

impl Desk {
    fn new(markup: &Markup) -> Self {
        let needed = markup.needs_chinese();
        // Without Chinese words the fonts of the system are left alone, so that every system sets the same pages.
        let mut found = FontSearcher::new().include_system_fonts(needed).search();
        let mut shipped: Vec<Font> = Vec::new();
        if needed {
            shipped.extend(Font::iter(Bytes::new(FONT)));
            let infos = shipped.iter().map(|font| font.info().clone());
            infos.for_each(|info| found.book.push(info));
        }
        let has = |family: &&&str| found.book.contains_family(&family.to_lowercase());
        let chinese = CHINESE.iter().find(has).copied();
        let id = |name: &str| FileId::new(None, VirtualPath::new(name));
        let figures = markup.figures(chinese);
        Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(found.book),
            fonts: found.fonts,
            shipped,
            main: Source::new(id("paper.typ"), markup.main(chinese)),
            figures: figures
                .into_iter()
                .map(|(name, drawn)| (id(&name), Bytes::from_string(drawn)))
                .collect(),
        }
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        match id == self.main.id() {
            true => Ok(self.main.clone()),
            false => Err(not_there(id)),
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = self.figures.iter().find(|(figure, _)| *figure == id);
        found
            .map(|(_, drawn)| drawn.clone())
            .ok_or_else(|| not_there(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        match self.fonts.get(index) {
            Some(slot) => slot.get(),
            None => self.shipped.get(index - self.fonts.len()).cloned(),
        }
    }

    fn today(&self, _: Option<i64>) -> Option<Datetime> {
        None
    }
}

fn not_there(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().as_rootless_path().to_path_buf())
}
