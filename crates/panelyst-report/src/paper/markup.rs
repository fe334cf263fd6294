//! Text as markup of Typst: all words of a study are literals, so that no character of theirs is a command.

use super::math;

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
    let mut formula: Option<String> = None;
    for line in text.lines() {
        if line == "$$" {
            match formula.take() {
                Some(tex) => display(out, &tex),
                None => formula = Some(String::new()),
            }
        } else if let Some(tex) = &mut formula {
            tex.push_str(line);
            tex.push('\n');
        } else if let Some(item) = line.strip_prefix("- ") {
            out.push_str("- ");
            inline(out, item);
            out.push('\n');
        } else if let Some(heading) = line.strip_prefix("### ") {
            heading_of(out, 3, heading);
        } else if let Some(heading) = line.strip_prefix("## ") {
            heading_of(out, 2, heading);
        } else if line.is_empty() {
            out.push('\n');
        } else if !line.starts_with("# ") {
            inline(out, line);
            out.push_str("\n\n");
        }
    }
    if let Some(tex) = formula {
        display(out, &tex);
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

/// Words with code between backquotes, strong words between double stars and formulas between dollar signs.
fn inline(out: &mut String, text: &str) {
    let mut rest = text;
    let mut plain = String::new();
    while let Some(next) = rest.chars().next() {
        match marked(rest) {
            Some((markup, length)) => {
                words(out, &std::mem::take(&mut plain));
                out.push_str(&markup);
                rest = &rest[length..];
            }
            None => {
                plain.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    words(out, &plain);
}

fn words(out: &mut String, text: &str) {
    if !text.is_empty() {
        out.push_str(&format!("#{};", literal(text)));
    }
}

/// What a mark at the beginning of a text encloses, as markup, and how many bytes of the text that is.
fn marked(text: &str) -> Option<(String, usize)> {
    let between = |mark: &str| {
        let inside = text.strip_prefix(mark)?;
        let inside = &inside[..inside.find(mark)?];
        (!inside.is_empty()).then_some((inside, inside.len() + 2 * mark.len()))
    };
    if let Some((code, length)) = between("`") {
        return Some((format!("#raw({});", literal(code)), length));
    }
    if let Some((strong, length)) = between("**") {
        return Some((format!("#strong({});", literal(strong)), length));
    }
    // A dollar sign of an amount has a space on one of its inner sides.
    let (tex, length) = between("$")?;
    if tex.starts_with(' ') || tex.ends_with(' ') {
        return None;
    }
    Some((format!("${}$", math::formula(tex)?), length))
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
        prose(&mut out, "$$\n\\unknown{a}\n$$");
        assert_eq!(out.trim(), "#raw(block: true, \"\\\\unknown{a}\")");
    }
}
