//! The formulas of the reading, which are TeX, as formulas of Typst.

/// A formula of Typst, without dollar signs; `None` for a command that is not known here.
pub(super) fn formula(tex: &str) -> Option<String> {
    let mut reader = Reader {
        rest: tex.trim(),
        out: String::with_capacity(2 * tex.len()),
    };
    reader.sequence()?;
    reader.rest.is_empty().then(|| reader.out.trim().to_owned())
}

/// Commands that are symbols or functions, with their names in Typst.
const NAMES: &[(&str, &str)] = &[
    ("alpha", "alpha"),
    ("beta", "beta"),
    ("gamma", "gamma"),
    ("delta", "delta"),
    ("Delta", "Delta"),
    ("epsilon", "epsilon.alt"),
    ("varepsilon", "epsilon"),
    ("eta", "eta"),
    ("theta", "theta"),
    ("lambda", "lambda"),
    ("mu", "mu"),
    ("rho", "rho"),
    ("sigma", "sigma"),
    ("tau", "tau"),
    ("times", "times"),
    ("cdot", "dot.op"),
    ("sum", "sum"),
    ("ln", "ln"),
    ("log", "log"),
    ("exp", "exp"),
    ("quad", "quad"),
    ("le", "lt.eq"),
    ("leq", "lt.eq"),
    ("ge", "gt.eq"),
    ("geq", "gt.eq"),
    ("ne", "eq.not"),
];

/// Commands with one part in braces, with their functions in Typst.
const FUNCTIONS: &[(&str, &str)] = &[
    ("overline", "overline"),
    ("bar", "macron"),
    ("hat", "hat"),
    ("sqrt", "sqrt"),
];

/// Commands whose part in braces is text, with the function around it.
const TEXTS: &[(&str, &str)] = &[
    ("mathit", "italic"),
    ("mathrm", "upright"),
    ("text", "upright"),
];

struct Reader<'a> {
    rest: &'a str,
    out: String,
}

impl Reader<'_> {
    /// Everything up to a closing brace or the end.
    fn sequence(&mut self) -> Option<()> {
        while let Some(next) = self.rest.chars().next() {
            if next == '}' {
                break;
            }
            self.token()?;
        }
        Some(())
    }

    fn token(&mut self) -> Option<()> {
        let next = self.rest.chars().next()?;
        match next {
            '\\' => return self.command(),
            '{' => return self.group(),
            '_' | '^' => {
                self.skip(1);
                self.out.push(next);
                self.out.push('(');
                match self.rest.chars().next()? {
                    '{' => self.group()?,
                    _ => self.token()?,
                }
                self.out.push(')');
                return Some(());
            }
            _ => {}
        }
        self.skip(next.len_utf8());
        match next {
            ' ' | '\n' | '\t' => {}
            '(' => self.word("paren.l"),
            ')' => self.word("paren.r"),
            '|' => self.word("bar.v"),
            ',' => self.word("comma"),
            '/' => self.word("slash"),
            '<' => self.word("lt"),
            '>' => self.word("gt"),
            '=' | '+' | '-' => self.word(&next.to_string()),
            letter if letter.is_ascii_alphabetic() => self.word(&letter.to_string()),
            digit if digit.is_ascii_digit() => {
                let digits = 1 + self
                    .rest
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(self.rest.len());
                // The first digit is already behind.
                let mut number = String::from(digit);
                number.push_str(&self.rest[..digits - 1]);
                self.skip(digits - 1);
                self.word(&number);
            }
            other => self.word(&super::markup::literal(&other.to_string())),
        }
        Some(())
    }

    fn command(&mut self) -> Option<()> {
        self.skip(1);
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        let find = |list: &[(&str, &'static str)]| {
            list.iter()
                .find(|(tex, _)| *tex == name)
                .map(|(_, typst)| *typst)
        };
        if let Some(symbol) = find(NAMES) {
            self.word(symbol);
            return Some(());
        }
        if let Some(function) = find(TEXTS) {
            let text = self.text()?;
            self.word(&format!("{function}({})", super::markup::literal(&text)));
            return Some(());
        }
        if let Some(function) = find(FUNCTIONS) {
            self.word(function);
            self.out.push('(');
            self.group()?;
            self.out.push(')');
            return Some(());
        }
        if name == "frac" {
            self.word("frac(");
            self.group()?;
            self.out.push(',');
            self.group()?;
            self.out.push(')');
            return Some(());
        }
        None
    }

    /// What stands between braces, as a formula.
    fn group(&mut self) -> Option<()> {
        self.rest = self.rest.strip_prefix('{')?;
        self.sequence()?;
        self.rest = self.rest.strip_prefix('}')?;
        Some(())
    }

    /// What stands between braces, as text in which some characters are escaped.
    fn text(&mut self) -> Option<String> {
        self.rest = self.rest.strip_prefix('{')?;
        let mut text = String::new();
        loop {
            let next = self.rest.chars().next()?;
            self.skip(next.len_utf8());
            match next {
                '}' => return Some(text),
                '\\' => {
                    let escaped = [
                        ("textbackslash{}", "\\"),
                        ("^{}", "^"),
                        ("~{}", "~"),
                        ("_", "_"),
                        ("%", "%"),
                        ("&", "&"),
                        ("#", "#"),
                        ("$", "$"),
                        ("{", "{"),
                        ("}", "}"),
                    ];
                    let (tex, plain) = escaped
                        .into_iter()
                        .find(|(tex, _)| self.rest.starts_with(tex))?;
                    self.skip(tex.len());
                    text.push_str(plain);
                }
                other => text.push(other),
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    /// Appends a word of a formula; what follows it directly is attached to it.
    fn word(&mut self, word: &str) {
        self.out.push(' ');
        self.out.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::formula;

    #[test]
    fn the_constructs_of_the_reading_are_known() {
        for (tex, typst) in [
            (
                r"\mathit{agg\_x}_{it} = \beta_0 + \delta_i",
                r#"italic("agg_x")_( i t) = beta_( 0) + delta_( i)"#,
            ),
            (
                r"\frac{e_{it} / E_{it}}{\sum_{j} e_{jt}}",
                "frac( e_( i t) slash E_( i t), sum_( j) e_( j t))",
            ),
            (
                r"\overline{\text{人均 GDP}}_i",
                r#"overline( upright("人均 GDP"))_( i)"#,
            ),
            (
                r"\log_{10} \mathit{x}_{i,t-1}",
                r#"log_( 10) italic("x")_( i comma t - 1)"#,
            ),
            (r"(s_i)^2", "paren.l s_( i) paren.r^( 2)"),
            (r"\text{a\^{}\textbackslash{}b}", r#"upright("a^\\b")"#),
        ] {
            assert_eq!(formula(tex).as_deref(), Some(typst), "{tex}");
        }
    }

    #[test]
    fn what_is_not_known_is_left_to_the_caller() {
        for tex in [r"\operatorname{x}", r"\frac{a}", "a}", r"\text{a", "x_"] {
            assert_eq!(formula(tex), None, "{tex}");
        }
    }
}
