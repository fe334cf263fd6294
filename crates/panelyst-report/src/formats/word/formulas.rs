//! Formulas in LaTeX as formulas of Word (ECMA-376, part 1, chapter 22.1).

use crate::formats::cells::push_escaped_xml;
use pulldown_latex::event::{
    Content, Event, Font, Grouping, ScriptPosition, ScriptType, StateChange, Visual,
};
use pulldown_latex::{Parser, Storage};

const NAMESPACE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/math";
/// The font that Word sets formulas in.
const FONT: &str = "<w:rPr><w:rFonts w:ascii=\"Cambria Math\" w:hAnsi=\"Cambria Math\"/></w:rPr>";

/// A formula within a line; `None` where it holds what is not known here.
pub(super) fn inline(latex: &str) -> Option<String> {
    let inside = converted(latex)?;
    Some(format!(
        "<m:oMath xmlns:m=\"{NAMESPACE}\">{inside}</m:oMath>"
    ))
}

/// A formula in a paragraph of its own; `None` where it holds what is not known here.
pub(super) fn display(latex: &str) -> Option<String> {
    let inside = converted(latex)?;
    Some(format!(
        "<m:oMathPara xmlns:m=\"{NAMESPACE}\"><m:oMath>{inside}</m:oMath></m:oMathPara>"
    ))
}

fn converted(latex: &str) -> Option<String> {
    let storage = Storage::new();
    let events: Result<Vec<Event<'_>>, _> = Parser::new(latex, &storage).collect();
    let events = events.ok()?;
    let mut reader = Reader {
        events: &events,
        at: 0,
        style: Style::Italic,
    };
    let inside = reader.sequence()?;
    (reader.at == reader.events.len() && !inside.is_empty()).then_some(inside)
}

/// Reads events one element at a time: scripts and fractions come before their parts.
struct Reader<'a> {
    events: &'a [Event<'a>],
    at: usize,
    /// How letters stand.
    style: Style,
}

/// An element: letters, which stand in one run with neighbours of the same name or text, or something built from several.
enum Element {
    Letters(String, Style),
    Built(String),
}

/// How letters are set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Every letter is a symbol of its own.
    Italic,
    /// Letters together are a name.
    Name,
    Upright,
    /// Words that are no part of the formula.
    Words,
}

impl Reader<'_> {
    /// Elements up to the end of a group, which is not read.
    fn sequence(&mut self) -> Option<String> {
        let mut out = String::new();
        let mut pending = (String::new(), Style::Italic);
        while let Some(event) = self.events.get(self.at) {
            if matches!(event, Event::End) {
                break;
            }
            match self.element()? {
                Element::Letters(letters, style)
                    if style == pending.1 && style != Style::Italic =>
                {
                    pending.0.push_str(&letters);
                }
                Element::Letters(letters, style) => {
                    run(&mut out, &pending.0, pending.1);
                    pending = (letters, style);
                }
                Element::Built(built) => {
                    run(&mut out, &pending.0, pending.1);
                    pending.0.clear();
                    out.push_str(&built);
                }
            }
        }
        run(&mut out, &pending.0, pending.1);
        Some(out)
    }

    fn element(&mut self) -> Option<Element> {
        let event = self.events.get(self.at)?;
        self.at += 1;
        match event {
            Event::Content(content) => self.content(content),
            Event::Begin(grouping) => self.group(grouping),
            Event::Visual(Visual::Fraction(_)) => {
                let (above, below) = (self.part()?, self.part()?);
                Some(Element::Built(format!(
                    "<m:f><m:num>{above}</m:num><m:den>{below}</m:den></m:f>"
                )))
            }
            Event::Visual(Visual::SquareRoot) => {
                let inside = self.part()?;
                Some(Element::Built(format!(
                    "<m:rad><m:radPr><m:degHide m:val=\"1\"/></m:radPr><m:deg/><m:e>{inside}</m:e></m:rad>"
                )))
            }
            Event::Script { ty, position } => self.script(*ty, *position),
            Event::Space { .. } => Some(Element::Letters("\u{2003}".to_owned(), Style::Upright)),
            Event::StateChange(StateChange::Font(font)) => {
                self.style = match font {
                    None => Style::Italic,
                    Some(Font::Italic) => Style::Name,
                    Some(Font::UpRight) => Style::Upright,
                    Some(_) => return None,
                };
                Some(Element::Built(String::new()))
            }
            Event::StateChange(StateChange::Style(_)) => Some(Element::Built(String::new())),
            _ => None,
        }
    }

    fn content(&self, content: &Content<'_>) -> Option<Element> {
        let style = self.style;
        Some(match content {
            Content::Text(text) => Element::Letters(plain(text), Style::Words),
            Content::Number(digits) => Element::Letters((*digits).to_owned(), style),
            Content::Function(name) => Element::Letters((*name).to_owned(), Style::Upright),
            Content::Ordinary { content, .. } => Element::Letters(content.to_string(), style),
            Content::LargeOp { content, .. } | Content::Delimiter { content, .. } => {
                Element::Letters(content.to_string(), Style::Upright)
            }
            Content::BinaryOp { content, .. } => {
                Element::Letters(content.to_string().replace('-', "\u{2212}"), style)
            }
            Content::Relation { content, .. } => {
                let mut room = [0; 8];
                let sign = std::str::from_utf8(content.encode_utf8_to_buf(&mut room));
                Element::Letters(sign.ok()?.to_owned(), style)
            }
            Content::Punctuation(sign) => Element::Letters(sign.to_string(), style),
        })
    }

    /// A group up to its end; a change of font within it ends with it.
    fn group(&mut self, grouping: &Grouping) -> Option<Element> {
        let before = self.style;
        let inside = self.sequence()?;
        self.style = before;
        // The end.
        self.at += 1;
        match grouping {
            Grouping::Normal => Some(Element::Built(inside)),
            Grouping::LeftRight(left, right) => {
                let mut ends = String::new();
                for (name, sign) in [("begChr", left), ("endChr", right)] {
                    ends.push_str(&format!("<m:{name} m:val=\""));
                    push_escaped_xml(&mut ends, &sign.map(String::from).unwrap_or_default());
                    ends.push_str("\"/>");
                }
                Some(Element::Built(format!(
                    "<m:d><m:dPr>{ends}</m:dPr><m:e>{inside}</m:e></m:d>"
                )))
            }
            _ => None,
        }
    }

    /// The next element as XML.
    fn part(&mut self) -> Option<String> {
        Some(match self.element()? {
            Element::Built(built) => built,
            Element::Letters(letters, style) => {
                let mut out = String::new();
                run(&mut out, &letters, style);
                out
            }
        })
    }

    fn script(&mut self, ty: ScriptType, position: ScriptPosition) -> Option<Element> {
        let base = self.part()?;
        if ty == ScriptType::Superscript
            && position == ScriptPosition::AboveBelow
            && let Some(Event::Content(Content::Ordinary { content, .. })) =
                self.events.get(self.at)
        {
            self.at += 1;
            return Some(Element::Built(accent(*content, &base)?));
        }
        let beside = position == ScriptPosition::Right;
        let first = self.part()?;
        let built = match ty {
            ScriptType::Subscript if beside => {
                format!("<m:sSub><m:e>{base}</m:e><m:sub>{first}</m:sub></m:sSub>")
            }
            ScriptType::Subscript => {
                format!("<m:limLow><m:e>{base}</m:e><m:lim>{first}</m:lim></m:limLow>")
            }
            ScriptType::Superscript if beside => {
                format!("<m:sSup><m:e>{base}</m:e><m:sup>{first}</m:sup></m:sSup>")
            }
            ScriptType::Superscript => {
                format!("<m:limUpp><m:e>{base}</m:e><m:lim>{first}</m:lim></m:limUpp>")
            }
            ScriptType::SubSuperscript => {
                let second = self.part()?;
                if beside {
                    format!(
                        "<m:sSubSup><m:e>{base}</m:e><m:sub>{first}</m:sub><m:sup>{second}</m:sup></m:sSubSup>"
                    )
                } else {
                    format!(
                        "<m:limUpp><m:e><m:limLow><m:e>{base}</m:e><m:lim>{first}</m:lim></m:limLow></m:e><m:lim>{second}</m:lim></m:limUpp>"
                    )
                }
            }
        };
        Some(Element::Built(built))
    }
}

/// A sign over a base: a line, or an accent by its combining character.
fn accent(sign: char, base: &str) -> Option<String> {
    let combining = match sign {
        '‾' => {
            return Some(format!(
                "<m:bar><m:barPr><m:pos m:val=\"top\"/></m:barPr><m:e>{base}</m:e></m:bar>"
            ));
        }
        '^' => '\u{302}',
        '~' => '\u{303}',
        '˙' => '\u{307}',
        _ => return None,
    };
    Some(format!(
        "<m:acc><m:accPr><m:chr m:val=\"{combining}\"/></m:accPr><m:e>{base}</m:e></m:acc>"
    ))
}

/// Text of a formula without the escapes of LaTeX.
fn plain(text: &str) -> String {
    let mut out = text.replace("&nbsp;", "\u{a0}");
    for (tex, letter) in [("^{}", "^"), ("~{}", "~"), ("textbackslash{}", "\u{0}")] {
        out = out.replace(&format!("\\{tex}"), letter);
    }
    out.replace('\\', "").replace('\u{0}', "\\")
}

fn run(out: &mut String, letters: &str, style: Style) {
    if letters.is_empty() {
        return;
    }
    out.push_str("<m:r>");
    out.push_str(match style {
        Style::Italic | Style::Name => "",
        Style::Upright => "<m:rPr><m:sty m:val=\"p\"/></m:rPr>",
        Style::Words => "<m:rPr><m:nor/></m:rPr>",
    });
    out.push_str(FONT);
    out.push_str("<m:t xml:space=\"preserve\">");
    push_escaped_xml(out, letters);
    out.push_str("</m:t></m:r>");
}

#[cfg(test)]
mod tests {
    use super::{display, inline};

    /// The formula without the parts that say how letters look.
    fn bare(latex: &str) -> String {
        let made = display(latex).unwrap_or_else(|| format!("unknown: {latex}"));
        let inside = &made[made.find("<m:oMath>").map_or(0, |at| at + 9)..];
        inside
            .replace("</m:oMath></m:oMathPara>", "")
            .replace(super::FONT, "")
            .replace("<m:t xml:space=\"preserve\">", "")
            .replace("</m:t>", "")
            .replace("m:", "")
    }

    #[test]
    fn constructs_of_the_reading_are_built() {
        assert_eq!(
            bare(r"\mathit{agg}_{it} = \beta_1"),
            "<sSub><e><r>agg</r></e><sub><r>i</r><r>t</r></sub></sSub><r>=</r><sSub><e><r>β</r></e><sub><r>1</r></sub></sSub>"
        );
        assert_eq!(
            bare(r"\frac{e_t}{\sum_{j} x}"),
            "<f><num><sSub><e><r>e</r></e><sub><r>t</r></sub></sSub></num><den><limLow><e><r><rPr><sty val=\"p\"/></rPr>∑</r></e>\
             <lim><r>j</r></lim></limLow><r>x</r></den></f>"
        );
        assert_eq!(
            bare(r"\left(a - 1\right)^2"),
            "<sSup><e><d><dPr><begChr val=\"(\"/><endChr val=\")\"/></dPr><e><r>a</r><r>−</r><r>1</r></e></d></e><sup><r>2</r></sup></sSup>"
        );
        assert_eq!(
            bare(r"\overline{\text{人均 a\_b}}"),
            "<bar><barPr><pos val=\"top\"/></barPr><e><r><rPr><nor/></rPr>人均 a_b</r></e></bar>"
        );
    }

    #[test]
    fn what_is_not_known_is_left_to_the_caller() {
        for latex in [
            r"\frac{a",
            r"\begin{matrix}a\end{matrix}",
            r"\mathbb{R}",
            "",
        ] {
            assert_eq!(inline(latex), None, "{latex}");
        }
    }
}
