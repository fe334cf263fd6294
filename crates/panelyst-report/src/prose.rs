//! The Markdown that the reading uses, in parts: formats write each part in their own way.

/// A block of text. The first heading, the title, is left to the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block<'a> {
    /// A heading of a level from 2 on.
    Heading(usize, &'a str),
    /// An item of a list.
    Item(&'a str),
    /// A paragraph.
    Paragraph(&'a str),
    /// A formula on lines of its own, in LaTeX.
    Formula(String),
}

/// A part of a paragraph, an item or a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Words as they stand.
    Words(&'a str),
    /// What stands between backquotes.
    Code(&'a str),
    /// What stands between double stars.
    Strong(&'a str),
    /// What stands between dollars, in LaTeX.
    Formula(&'a str),
}

/// The blocks of a text in order.
pub(crate) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == "$$" {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "$$").collect();
            blocks.push(Block::Formula(inside.join("\n")));
        } else if let Some(item) = line.strip_prefix("- ") {
            blocks.push(Block::Item(item));
        } else if let Some(heading) = line.strip_prefix("## ") {
            blocks.push(Block::Heading(2, heading));
        } else if let Some(heading) = line.strip_prefix("### ") {
            blocks.push(Block::Heading(3, heading));
        } else if !line.is_empty() && !line.starts_with("# ") {
            blocks.push(Block::Paragraph(line));
        }
    }
    blocks
}

/// The pieces of a line in order; together they are the line without its marks.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(next) = text[at..].chars().next() {
        match marked(&text[at..]) {
            Some((piece, length)) => {
                words(&mut pieces, &text[from..at]);
                pieces.push(piece);
                at += length;
                from = at;
            }
            None => at += next.len_utf8(),
        }
    }
    words(&mut pieces, &text[from..]);
    pieces
}

fn words<'a>(pieces: &mut Vec<Piece<'a>>, text: &'a str) {
    if !text.is_empty() {
        pieces.push(Piece::Words(text));
    }
}

/// What a mark at the beginning of a text encloses, and how many bytes of the text that is.
fn marked(text: &str) -> Option<(Piece<'_>, usize)> {
    let between = |mark: &str| {
        let inside = text.strip_prefix(mark)?;
        let inside = &inside[..inside.find(mark)?];
        (!inside.is_empty()).then_some((inside, inside.len() + 2 * mark.len()))
    };
    if let Some((code, length)) = between("`") {
        return Some((Piece::Code(code), length));
    }
    if let Some((strong, length)) = between("**") {
        return Some((Piece::Strong(strong), length));
    }
    // A dollar sign of an amount has a space on one of its inner sides.
    let (latex, length) = between("$")?;
    let amount = latex.starts_with(' ') || latex.ends_with(' ');
    (!amount).then_some((Piece::Formula(latex), length))
}

#[cfg(test)]
mod tests {
    use super::{Block, Piece, blocks, pieces};

    #[test]
    fn blocks_stand_in_order_without_the_title() {
        let text = "# Title\n\n## Model\n\n$$\na\nb\n$$\n\nwords\n\n- one\n- two\n### Part\n";
        assert_eq!(
            blocks(text),
            [
                Block::Heading(2, "Model"),
                Block::Formula("a\nb".to_owned()),
                Block::Paragraph("words"),
                Block::Item("one"),
                Block::Item("two"),
                Block::Heading(3, "Part"),
            ]
        );
    }

    #[test]
    fn marks_enclose_and_what_does_not_close_is_words() {
        assert_eq!(
            pieces("**A.** 表 $i$ for `x_1`, 3 $ or 4 $, 2 ** 3 and $5"),
            [
                Piece::Strong("A."),
                Piece::Words(" 表 "),
                Piece::Formula("i"),
                Piece::Words(" for "),
                Piece::Code("x_1"),
                Piece::Words(", 3 $ or 4 $, 2 ** 3 and $5"),
            ]
        );
        assert_eq!(pieces("``"), [Piece::Words("``")]);
        assert_eq!(pieces(""), []);
    }
}
