//! Text as markup of Typst: all words of a study are literals, so that no character of theirs is a command.

use super::math;
use crate::prose::{Block, Piece, blocks, pieces};

/// A text as a literal of Typst.
pub(crate) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// The Markdown that the reading uses, its first heading (the title) left out and the others as they stand.
pub(super) fn prose(out: &mut String, text: &str) {
    let mut list = false;
    for block in blocks(text) {
        let item = matches!(block, Block::Item(_));
        if list && !item {
            out.push('\n');
        }
        list = item;
        match block {
            Block::Heading(level, words) => heading_of(out, level, words),
            Block::Item(words) => {
                out.push_str("- ");
                inline(out, words);
                out.push('\n');
            }
            Block::Paragraph(words) => {
                inline(out, words);
                out.push_str("\n\n");
            }
            Block::Formula(tex) => display(out, &tex),
        }
    }
}

/// A heading of a level.
pub(super) fn heading_of(out: &mut String, level: usize, text: &str) {
    out.push_str(&format!(
        "\n#heading(level: {level}, {})\n\n",
        literal(text)
    ));
}

fn display(out: &mut String, tex: &str) {
    match math::formula(tex) {
        Some(formula) => out.push_str(&format!("$ {formula} $\n\n")),
        None => out.push_str(&format!("#raw(block: true, {})\n\n", literal(tex.trim()))),
    }
}

/// The pieces of a line; a formula that is not known is set as it stands.
fn inline(out: &mut String, text: &str) {
    for piece in pieces(text) {
        match piece {
            Piece::Words(words) => out.push_str(&format!("#{};", literal(words))),
            Piece::Code(code) => out.push_str(&format!("#raw({});", literal(code))),
            Piece::Strong(words) => out.push_str(&format!("#strong({});", literal(words))),
            Piece::Formula(tex) => match math::formula(tex) {
                Some(formula) => out.push_str(&format!("${formula}$")),
                None => out.push_str(&format!("#raw({});", literal(tex))),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn words_stay_words_and_marks_become_markup() {
        let mut out = String::new();
        prose(
            &mut out,
            "# Title\n\n## Model\n\n$$\na_i\n$$\n\nHere $i$ costs 3 $ or 4 $; #set page() `x_1` \"q\" \\.\n\n- **A.** b\n",
        );
        assert_eq!(
            out.split_whitespace().collect::<Vec<_>>().join(" "),
            "#heading(level: 2, \"Model\") $ a_( i) $ #\"Here \";$i$#\" costs 3 $ or 4 $; #set page() \";#raw(\"x_1\");\
             #\" \\\"q\\\" \\\\.\"; - #strong(\"A.\");#\" b\";"
        );
    }

    #[test]
    fn a_formula_that_is_not_known_is_set_as_it_stands() {
        let mut out = String::new();
        prose(&mut out, "$$\n\\unknown{a}\n$$\n\nand $\\unknown$");
        assert_eq!(
            out.split_whitespace().collect::<Vec<_>>().join(" "),
            "#raw(block: true, \"\\\\unknown{a}\") #\"and \";#raw(\"\\\\unknown\");"
        );
    }
}
