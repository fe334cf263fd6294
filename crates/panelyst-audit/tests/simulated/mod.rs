//! Simulated papers whose every printed number is true: panels are drawn, estimated, and printed with few digits.

use panelyst_model::distributions::{normal_two_sided, t_two_sided};

/// SplitMix64 (Steele, Lea and Flood 2014): enough for tests, and the same on every platform.
pub struct Draws(u64);

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform between 0 and 1.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number from `low` to `high`.
    pub fn whole(&mut self, low: usize, high: usize) -> usize {
        low + (self.bits() % (high - low + 1) as u64) as usize
    }

    /// Standard normal, by the sum of twelve uniforms.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// Which errors and degrees of freedom the simulated author used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Classical,
    Robust,
    Clustered,
    Normal,
}

/// One column as printed: `(row, coefficient with stars, what stands below)`.
pub type Printed = Vec<(String, String, String)>;

/// A simulated paper as printed.
#[derive(Clone, Debug)]
pub struct Simulated {
    pub units: usize,
    pub periods: usize,
    pub brackets: &'static str,
    /// `(variable, obs, mean, sd, min, max)`.
    pub moments: Vec<[String; 6]>,
    pub columns: Vec<Printed>,
    pub effects: Vec<bool>,
    pub n: Vec<String>,
    /// Members listed for each group of a split; empty without one.
    pub groups: Vec<usize>,
    /// Rows of each group.
    pub group_rows: Vec<usize>,
    pub count: bool,
    pub r2: Vec<String>,
}

impl Simulated {
    /// The file of the paper.
    pub fn toml(&self) -> String {
        let mut text = format!(
            "[sample]\nunit = \"unit\"\nunits = {}\nperiods = {}\n",
            self.units, self.periods
        );
        let mut member = 0;
        for (g, size) in self.groups.iter().enumerate() {
            let names: Vec<String> = (0..*size).map(|j| format!("u{}", member + j)).collect();
            member += size;
            text.push_str(&format!(
                "[[group]]\nname = \"group {g}\"\nmembers = \"{}\"\n",
                names.join(", ")
            ));
        }
        if self.count {
            text.push_str("[variables.c]\ntransform = \"log10\"\ncount = true\n");
        }
        text.push_str("[[table]]\nname = \"Table 1\"\nkind = \"description\"\nblock = \"\"\"\nVariable | Obs | Mean | SD | Min | Max\n");
        for row in &self.moments {
            text.push_str(&format!("{}\n", row.join(" | ")));
        }
        text.push_str(&format!(
            "\"\"\"\n[[table]]\nname = \"Table 2\"\nkind = \"regression\"\noutcome = \"y\"\nbrackets = \"{}\"\nstars = \"* p < 0.05, ** p < 0.01, \
             *** p < 0.001\"\nblock = \"\"\"\n",
            self.brackets
        ));
        let row = |label: &str, cells: Vec<String>| format!("{label} | {}\n", cells.join(" | "));
        let numbers = (1..=self.columns.len()).map(|j| format!("({j})"));
        text.push_str(&row("", numbers.collect()));
        let mut rows: Vec<&String> = Vec::new();
        for column in &self.columns {
            for (name, ..) in column {
                if !rows.contains(&name) {
                    rows.push(name);
                }
            }
        }
        for name in rows {
            let cell =
                |column: &Printed, below: bool| {
                    column.iter().find(|(row, ..)| row == name).map_or(
                        String::new(),
                        |(_, b, t)| {
                            if below { t.clone() } else { b.clone() }
                        },
                    )
                };
            text.push_str(&row(
                name,
                self.columns.iter().map(|c| cell(c, false)).collect(),
            ));
            text.push_str(&row(
                "",
                self.columns.iter().map(|c| cell(c, true)).collect(),
            ));
        }
        for what in ["Unit effects", "Year effects"] {
            let cells = self
                .effects
                .iter()
                .map(|yes| if *yes { "YES" } else { "NO" }.to_owned());
            text.push_str(&row(what, cells.collect()));
        }
        text.push_str(&row("N", self.n.clone()));
        text.push_str(&row("R2", self.r2.clone()));
        text.push_str("\"\"\"\n");
        if !self.groups.is_empty() {
            let cells = self.group_rows.iter().map(usize::to_string);
            let heads: Vec<String> = (0..self.groups.len())
                .map(|g| format!("group {g}"))
                .collect();
            text.push_str(&format!(
                "[[table]]\nname = \"Table 3\"\nkind = \"regression\"\noutcome = \"y\"\nsplit = true\nblock = \"\"\"\n{}{}{}\"\"\"\n",
                row("", heads),
                row("x1", vec!["0.1".to_owned(); self.groups.len()]),
                row("N", cells.collect())
            ));
        }
        text
    }
}

/// Draws, estimates and prints one paper.
pub fn simulate(seed: u64) -> Simulated {
    let mut draws = Draws::new(seed);
    let units = draws.whole(5, 40);
    let periods = draws.whole(4, 18);
    let n = units * periods;
    let k = draws.whole(1, 4);
    let count = draws.uniform() < 0.5;
    let unit_of: Vec<usize> = (0..n).map(|row| row / periods).collect();
    let time_of: Vec<usize> = (0..n).map(|row| row % periods).collect();
    let mut names = Vec::new();
    let mut x: Vec<Vec<f64>> = Vec::new();
    for j in 0..k {
        let level = 20.0 * (draws.uniform() - 0.3);
        let size = 0.2 + 3.0 * draws.uniform();
        let unit: Vec<f64> = (0..units).map(|_| size * draws.normal()).collect();
        let mut column: Vec<f64> = (0..n)
            .map(|row| level + unit[unit_of[row]] + size * draws.normal())
            .collect();
        if j == 0 && count {
            column = column
                .iter()
                .map(|v| (10f64.powf(2.0 + 0.1 * v).round().max(1.0)).log10())
                .collect();
            names.push("c".to_owned());
        } else {
            names.push(format!("x{}", j + 1));
        }
        x.push(column);
    }
    let beta: Vec<f64> = (0..k).map(|_| draws.normal()).collect();
    let unit: Vec<f64> = (0..units).map(|_| draws.normal()).collect();
    let y: Vec<f64> = (0..n)
        .map(|row| {
            let signal: f64 = (0..k).map(|j| beta[j] * x[j][row]).sum();
            let noise = draws.normal() * (0.3 + 3.0 * draws.uniform());
            2.0 + signal + unit[unit_of[row]] + 0.1 * time_of[row] as f64 + noise
        })
        .collect();
    let rule = [Rule::Classical, Rule::Robust, Rule::Clustered, Rule::Normal][draws.whole(0, 3)];
    let decimals = draws.whole(2, 4);
    let moment_decimals = draws.whole(2, 4);
    let brackets = if draws.uniform() < 0.7 { "t" } else { "se" };
    let panel = Panel {
        units,
        periods,
        unit_of,
        time_of,
    };

    let mut columns = Vec::new();
    let mut r2 = Vec::new();
    let simple = estimate(&panel, &y, &x[..1], false, rule);
    let full = estimate(&panel, &y, &x, false, rule);
    let within = estimate(&panel, &y, &x, true, rule);
    for (fit, slopes) in [(&simple, 1), (&full, k), (&within, k)] {
        let mut printed = Vec::new();
        for (j, (b, se, stars)) in fit.terms.iter().enumerate() {
            let name = if j < slopes {
                names[j].clone()
            } else {
                "_cons".to_owned()
            };
            let below = if brackets == "t" { b / se } else { *se };
            let marks = "*".repeat(*stars);
            printed.push((
                name,
                format!("{b:.decimals$}{marks}"),
                format!("({below:.decimals$})"),
            ));
        }
        columns.push(printed);
        r2.push(format!("{:.3}", fit.r2));
    }
    let mut moments = Vec::new();
    for (name, column) in std::iter::once(("y", &y)).chain(names.iter().map(String::as_str).zip(&x))
    {
        let mean = column.iter().sum::<f64>() / n as f64;
        let sd = (column.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n as f64 - 1.0)).sqrt();
        let min = column.iter().copied().fold(f64::INFINITY, f64::min);
        let max = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let show = |v: f64| format!("{v:.moment_decimals$}");
        moments.push([
            name.to_owned(),
            n.to_string(),
            show(mean),
            show(sd),
            show(min),
            show(max),
        ]);
    }
    let first = draws.whole(1, units - 1);
    Simulated {
        units,
        periods,
        brackets,
        moments,
        columns,
        effects: vec![false, false, true],
        n: vec![n.to_string(); 3],
        groups: vec![first, units - first],
        group_rows: vec![first * periods, (units - first) * periods],
        count,
        r2,
    }
}

struct Panel {
    units: usize,
    periods: usize,
    unit_of: Vec<usize>,
    time_of: Vec<usize>,
}

struct Estimates {
    /// Coefficient, error, stars; the constant last.
    terms: Vec<(f64, f64, usize)>,
    r2: f64,
}

/// Least squares, pooled with a constant or with both effects removed, and a constant that puts the effects' mean at zero.
fn estimate(panel: &Panel, y: &[f64], x: &[Vec<f64>], effects: bool, rule: Rule) -> Estimates {
    let n = y.len();
    let mut design: Vec<Vec<f64>> = x.to_vec();
    let mut left = y.to_vec();
    if effects {
        for column in design.iter_mut().chain(std::iter::once(&mut left)) {
            *column = demeaned(panel, column);
        }
    } else {
        design.push(vec![1.0; n]);
    }
    let k = design.len();
    let cross: Vec<Vec<f64>> = (0..k)
        .map(|a| (0..k).map(|b| dot(&design[a], &design[b])).collect())
        .collect();
    let inverse = inverted(cross);
    let moments: Vec<f64> = design.iter().map(|column| dot(column, &left)).collect();
    let b: Vec<f64> = inverse.iter().map(|row| dot(row, &moments)).collect();
    let e: Vec<f64> = (0..n)
        .map(|row| left[row] - (0..k).map(|j| b[j] * design[j][row]).sum::<f64>())
        .collect();
    let spent = if effects {
        k + panel.units + panel.periods - 1
    } else {
        k
    };
    let (count, df) = (n as f64, n as f64 - spent as f64);
    let mut meat = vec![vec![0.0; k]; k];
    let factor = match rule {
        Rule::Classical | Rule::Normal => {
            let s2 = dot(&e, &e) / df;
            for a in 0..k {
                for c in 0..k {
                    meat[a][c] = s2 * dot(&design[a], &design[c]);
                }
            }
            1.0
        }
        Rule::Robust => {
            for row in 0..n {
                for a in 0..k {
                    for c in 0..k {
                        meat[a][c] += e[row] * e[row] * design[a][row] * design[c][row];
                    }
                }
            }
            count / df
        }
        Rule::Clustered => {
            for unit in 0..panel.units {
                let rows: Vec<usize> = (0..n).filter(|row| panel.unit_of[*row] == unit).collect();
                let score: Vec<f64> = (0..k)
                    .map(|a| rows.iter().map(|row| e[*row] * design[a][*row]).sum())
                    .collect();
                for a in 0..k {
                    for c in 0..k {
                        meat[a][c] += score[a] * score[c];
                    }
                }
            }
            let g = panel.units as f64;
            g / (g - 1.0) * (count - 1.0) / df
        }
    };
    let mut terms: Vec<(f64, f64, usize)> = (0..k)
        .map(|j| {
            let half: Vec<f64> = (0..k).map(|c| dot(&inverse[j], &meat[c])).collect();
            let se = (factor * dot(&half, &inverse[j])).sqrt();
            let t = b[j] / se;
            let p = match rule {
                Rule::Classical | Rule::Robust => t_two_sided(t, df),
                Rule::Clustered => t_two_sided(t, panel.units as f64 - 1.0),
                Rule::Normal => normal_two_sided(t),
            };
            let stars = [0.05, 0.01, 0.001]
                .iter()
                .filter(|level| p < **level)
                .count();
            (b[j], se, stars)
        })
        .collect();
    if effects {
        // With errors as if it were known to the mean of the residuals; only its coefficient is looked at.
        let mean = |v: &[f64]| v.iter().sum::<f64>() / count;
        let constant = mean(y) - (0..k).map(|j| b[j] * mean(&x[j])).sum::<f64>();
        let se = constant.abs() / 1.0;
        terms.push((constant, se.max(1e-3), 0));
    }
    let mean = left.iter().sum::<f64>() / count;
    let total: f64 = left.iter().map(|v| (v - mean).powi(2)).sum();
    Estimates {
        terms,
        r2: 1.0 - dot(&e, &e) / total,
    }
}

fn demeaned(panel: &Panel, column: &[f64]) -> Vec<f64> {
    let n = column.len() as f64;
    let mut units = vec![0.0; panel.units];
    let mut times = vec![0.0; panel.periods];
    for (row, v) in column.iter().enumerate() {
        units[panel.unit_of[row]] += v / panel.periods as f64;
        times[panel.time_of[row]] += v / panel.units as f64;
    }
    let all = column.iter().sum::<f64>() / n;
    (0..column.len())
        .map(|row| column[row] - units[panel.unit_of[row]] - times[panel.time_of[row]] + all)
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Inverse by Gauss and Jordan with the largest pivot.
fn inverted(mut a: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let k = a.len();
    let mut inverse: Vec<Vec<f64>> = (0..k)
        .map(|i| (0..k).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    for column in 0..k {
        let pivot = (column..k)
            .max_by(|&p, &q| a[p][column].abs().total_cmp(&a[q][column].abs()))
            .unwrap_or(column);
        a.swap(column, pivot);
        inverse.swap(column, pivot);
        let scale = a[column][column];
        for j in 0..k {
            a[column][j] /= scale;
            inverse[column][j] /= scale;
        }
        for row in 0..k {
            if row != column {
                let factor = a[row][column];
                for j in 0..k {
                    a[row][j] -= factor * a[column][j];
                    inverse[row][j] -= factor * inverse[column][j];
                }
            }
        }
    }
    inverse
}
