//! A table of names: a key, its aliases, its attributes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use super::nearest::nearest;
use crate::cleaning::number::narrowed;
use crate::error::{Error, Place};
use crate::files::{Format, ReadOptions, read_grid};

/// Tables that come with the program: name and content.
const BUILTIN: [(&str, &str); 2] = [
    ("china-provinces", include_str!("china_provinces.csv")),
    ("us-states", include_str!("us_states.csv")),
];

/// Names of units (provinces, states) with their other spellings and codes.
///
/// The built-in tables have a key a unit and these attributes: `kind` (`unit`, `total` for the whole country, `outside`
/// for regions that statistics leave apart), `region` and `code`; `china-provinces` also `zh` and `official`,
/// `us-states` also `division` and `usps`.
#[derive(Clone, Debug, PartialEq)]
pub struct NameTable {
    name: String,
    keys: Vec<String>,
    columns: Vec<String>,
    attributes: Vec<Vec<String>>,
    aliases: BTreeMap<String, usize>,
}

impl NameTable {
    /// Names of the built-in tables.
    pub fn builtin_names() -> Vec<&'static str> {
        BUILTIN.iter().map(|(name, _)| *name).collect()
    }

    /// A built-in table: `china-provinces` or `us-states`.
    pub fn builtin(name: &str) -> Option<Self> {
        let (name, content) = BUILTIN.iter().find(|(known, _)| *known == name)?;
        Some(Self::parse(name, content))
    }

    /// An empty table, to be filled by [`NameTable::extend`].
    pub fn empty(name: &str) -> Self {
        Self {
            name: name.into(),
            keys: Vec::new(),
            columns: Vec::new(),
            attributes: Vec::new(),
            aliases: BTreeMap::new(),
        }
    }

    /// A built-in table's text: key, attributes, and in the last column aliases between `|`. Codes, Chinese names and
    /// the other attributes except `region`, `division` and `kind` are aliases too.
    fn parse(name: &str, content: &str) -> Self {
        let mut table = Self::empty(name);
        let mut lines = content.lines();
        let head: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        let last = head.len().saturating_sub(1);
        table.columns = head[1..last]
            .iter()
            .map(|column| (*column).to_string())
            .collect();
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            let index = table.keys.len();
            table.keys.push(cells[0].into());
            table.attributes.push(
                cells[1..last]
                    .iter()
                    .map(|cell| (*cell).to_string())
                    .collect(),
            );
            let coded = head[1..last]
                .iter()
                .zip(&cells[1..last])
                .filter(|(column, _)| !matches!(**column, "region" | "division" | "kind"))
                .map(|(_, cell)| *cell);
            for alias in std::iter::once(cells[0])
                .chain(coded)
                .chain(cells[last].split('|'))
            {
                if !alias.is_empty() {
                    table.aliases.entry(folded(alias)).or_insert(index);
                }
            }
        }
        table
    }

    /// Name of the table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names of the attributes, such as `region`.
    pub fn attributes(&self) -> &[String] {
        &self.columns
    }

    /// Keys of the units, in the order of the table; totals and regions outside are left out.
    pub fn keys(&self) -> Vec<&str> {
        self.keys
            .iter()
            .filter(|key| matches!(self.attribute(key, "kind"), None | Some("unit")))
            .map(String::as_str)
            .collect()
    }

    /// Adds the aliases of a text file with the columns `name` and `alias`; gives the number added.
    ///
    /// `name` may be any known name of a unit; one that is not known becomes a new key. The file is read as UTF-8 or
    /// GB18030, with commas, semicolons or tabs.
    ///
    /// # Errors
    /// When the file cannot be read, has no such columns, or an alias already stands for another unit.
    pub fn extend(&mut self, path: &Path) -> Result<usize, Error> {
        let grid = read_grid(path, Format::Csv, &ReadOptions::default())?;
        let head: Vec<String> = (0..grid.width(0))
            .map(|column| grid.cell(0, column).shown().to_lowercase())
            .collect();
        let find = |wanted: &str| {
            head.iter().position(|name| name == wanted).ok_or_else(|| {
                let at = grid.row_place(0).column(wanted);
                Error::NoColumn {
                    at: Box::new(at),
                    known: head
                        .iter()
                        .map(|name| format!("`{name}`"))
                        .collect::<Vec<_>>()
                        .join(", "),
                }
            })
        };
        let (name_at, alias_at) = (find("name")?, find("alias")?);
        let mut added = 0;
        for row in 1..grid.rows() {
            let name = grid.cell(row, name_at).shown();
            let alias = grid.cell(row, alias_at).shown();
            if name.is_empty() && alias.is_empty() {
                continue;
            }
            let place = grid.row_place(row);
            if name.is_empty() || alias.is_empty() {
                return Err(Error::Layout {
                    at: Box::new(place),
                    reason: "a name and an alias are needed in each row".into(),
                });
            }
            added += self.add(&name, &alias, place)?;
        }
        Ok(added)
    }

    /// Adds one alias; gives 0 when it was known already.
    fn add(&mut self, name: &str, alias: &str, place: Place) -> Result<usize, Error> {
        let index = match self.aliases.get(&folded(name)) {
            Some(index) => *index,
            None => {
                let index = self.keys.len();
                self.keys.push(name.into());
                self.attributes
                    .push(vec![String::new(); self.columns.len()]);
                if let Some(kind) = self.columns.iter().position(|column| column == "kind") {
                    self.attributes[index][kind] = "unit".into();
                }
                self.aliases.insert(folded(name), index);
                index
            }
        };
        match self.aliases.get(&folded(alias)) {
            Some(owner) if *owner == index => Ok(0),
            Some(owner) => Err(Error::AliasTaken {
                at: Box::new(place),
                alias: alias.into(),
                owner: self.keys[*owner].clone(),
                name: self.keys[index].clone(),
            }),
            None => {
                self.aliases.insert(folded(alias), index);
                Ok(1)
            }
        }
    }

    /// The key that a name or code stands for, whatever its case, spacing and width.
    pub fn resolve(&self, typed: &str) -> Option<&str> {
        self.aliases
            .get(&folded(typed))
            .map(|index| self.keys[*index].as_str())
    }

    /// An attribute of a key, for example `attribute("Tibet", "region")`.
    pub fn attribute(&self, key: &str, attribute: &str) -> Option<&str> {
        let row = self.keys.iter().position(|known| known == key)?;
        let column = self.columns.iter().position(|known| known == attribute)?;
        Some(self.attributes[row][column].as_str()).filter(|value| !value.is_empty())
    }

    /// Whether a name stands for the whole country (`全国`, `National total`).
    pub fn is_total(&self, typed: &str) -> bool {
        self.resolve(typed)
            .is_some_and(|key| self.attribute(key, "kind") == Some("total"))
    }

    /// Keys that come near a name that is not known, nearest first, three at most.
    pub fn suggest(&self, typed: &str) -> Vec<&str> {
        let known: Vec<&str> = self.aliases.keys().map(String::as_str).collect();
        let mut keys: Vec<&str> = Vec::new();
        for alias in nearest(&folded(typed), &known, str::to_string) {
            let key = self.keys[self.aliases[alias]].as_str();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}

/// A name without what typing varies: case, width, spaces, points, hyphens, underscores, apostrophes.
fn folded(name: &str) -> String {
    narrowed(name)
        .chars()
        .filter(|c| {
            !c.is_whitespace() && !matches!(c, '.' | '-' | '_' | '\'' | '’' | '·' | '"' | ',')
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a built-in table knows a name.
pub(crate) fn known_name(typed: &str) -> bool {
    static TABLES: OnceLock<Vec<NameTable>> = OnceLock::new();
    TABLES
        .get_or_init(|| {
            BUILTIN
                .iter()
                .map(|(name, content)| NameTable::parse(name, content))
                .collect()
        })
        .iter()
        .any(|table| table.resolve(typed).is_some())
}
