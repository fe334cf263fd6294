//! Covariances as they are written in requests.

use crate::Error;
use crate::request::{Conley, Kernel, Pairs, Vcov, Wild, WildWeights};
use panelyst_lang::suggest::nearest;

/// Forms that can be written.
const FORMS: &str = "iid, hc0, hc1, hc2, hc3, cluster:a, cluster:a+b (up to four), newey-west:L, driscoll-kraay:L, conley:KM,latitude,longitude, crv3:a, cr2:a, wild:a, pairs:a";

/// Draws of a bootstrap at least and at most.
const DRAWS: std::ops::RangeInclusive<usize> = 99..=10_000_000;

/// Cluster variables at most.
const WAYS: usize = 4;

/// No two places on earth are farther apart, in kilometres.
const FARTHEST: f64 = 20_100.0;

const CLUSTER: &str = "cluster:a or cluster:a+b, with one to four different columns";
const LAG: &str = "newey-west:L or driscoll-kraay:L with a whole number of periods L, or without `:L` for the convention's own lag";
const ONE_CLUSTER: &str = "one column of clusters after the colon";
const WILD: &str = "wild:a, then perhaps ,webb and ,draws=N and ,seed=N";
const PAIRS: &str = "pairs:a, then perhaps ,draws=N and ,seed=N";
const CONLEY: &str = "conley:KM,latitude,longitude with a distance in kilometres and two columns, and `,bartlett` for weights that fall with distance";

impl Vcov {
    /// Name of the registry row.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Iid => "iid",
            Self::Hc0 => "hc0",
            Self::Hc1 => "hc1",
            Self::Hc2 => "hc2",
            Self::Hc3 => "hc3",
            Self::Cluster(_) => "cluster",
            Self::NeweyWest(_) => "newey-west",
            Self::DriscollKraay(_) => "driscoll-kraay",
            Self::Conley(_) => "conley",
            Self::Crv3(_) => "crv3",
            Self::Cr2(_) => "cr2",
            Self::Wild(_) => "wild",
            Self::Pairs(_) => "pairs",
        }
    }

    /// Whether unit and time of each row are needed.
    pub fn needs_panel(&self) -> bool {
        matches!(self, Self::NeweyWest(_) | Self::DriscollKraay(_))
    }

    /// Whether leverages are needed.
    pub fn needs_leverages(&self) -> bool {
        self.is_by_blocks() || matches!(self, Self::Hc2 | Self::Hc3)
    }

    /// Whether it needs a least-squares regression cut into its clusters.
    pub fn is_by_blocks(&self) -> bool {
        matches!(
            self,
            Self::Crv3(_) | Self::Cr2(_) | Self::Wild(_) | Self::Pairs(_)
        )
    }

    /// Cluster variables that it names.
    pub fn clusters(&self) -> &[String] {
        match self {
            Self::Cluster(columns) => columns,
            Self::Crv3(column) | Self::Cr2(column) => std::slice::from_ref(column),
            Self::Wild(wild) => std::slice::from_ref(&wild.cluster),
            Self::Pairs(pairs) => std::slice::from_ref(&pairs.cluster),
            _ => &[],
        }
    }

    /// Columns of the data that are named in it.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Conley(conley) => vec![&conley.latitude, &conley.longitude],
            _ => self.clusters().iter().map(String::as_str).collect(),
        }
    }

    /// Reads `iid`, `hc0` to `hc3`, `cluster:a+b`, `newey-west:2`, `driscoll-kraay:2`, `conley:500,lat,lon`, `crv3:a`,
    /// `cr2:a`, `wild:a,webb,draws=99999,seed=7` or `pairs:a` (`jackknife:a` and `bootstrap:a` mean `crv3:a` and `pairs:a`);
    /// names with other characters than letters, digits, `_`, `.` and `^` may stand in backquotes.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the forms there are, [`Error::VcovForm`] where what follows the name cannot be read.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let (name, rest) = match text.split_once(':') {
            Some((name, rest)) => (name.trim(), Some(rest)),
            None => (text, None),
        };
        let wrong = |problem: String, form: &'static str| Error::VcovForm {
            text: text.to_owned(),
            problem,
            form,
        };
        let plain = |vcov: Self| match rest {
            None => Ok(vcov),
            Some(_) => Err(wrong(format!("nothing follows `{name}`"), "the name alone")),
        };
        match name {
            "iid" => plain(Self::Iid),
            "hc0" => plain(Self::Hc0),
            "hc1" => plain(Self::Hc1),
            "hc2" => plain(Self::Hc2),
            "hc3" => plain(Self::Hc3),
            "cluster" => clusters(rest.unwrap_or_default())
                .map(Self::Cluster)
                .map_err(|problem| wrong(problem, CLUSTER)),
            "newey-west" => lag(rest)
                .map(Self::NeweyWest)
                .map_err(|problem| wrong(problem, LAG)),
            "driscoll-kraay" => lag(rest)
                .map(Self::DriscollKraay)
                .map_err(|problem| wrong(problem, LAG)),
            "conley" => conley(rest.unwrap_or_default())
                .map(Self::Conley)
                .map_err(|problem| wrong(problem, CONLEY)),
            "crv3" | "jackknife" => one_cluster(rest.unwrap_or_default())
                .map(Self::Crv3)
                .map_err(|problem| wrong(problem, ONE_CLUSTER)),
            "cr2" => one_cluster(rest.unwrap_or_default())
                .map(Self::Cr2)
                .map_err(|problem| wrong(problem, ONE_CLUSTER)),
            "wild" => wild(rest.unwrap_or_default())
                .map(Self::Wild)
                .map_err(|problem| wrong(problem, WILD)),
            "pairs" | "bootstrap" => pairs(rest.unwrap_or_default())
                .map(Self::Pairs)
                .map_err(|problem| wrong(problem, PAIRS)),
            _ => Err(Error::UnknownName {
                what: "covariance",
                name: text.to_owned(),
                known: FORMS.to_owned(),
            }),
        }
    }
}

fn clusters(text: &str) -> Result<Vec<String>, String> {
    let columns = names(text, '+')?;
    if columns.len() > WAYS {
        return Err(format!("{} cluster variables are too many", columns.len()));
    }
    for (place, column) in columns.iter().enumerate() {
        if columns[..place].contains(column) {
            return Err(format!("`{column}` stands twice"));
        }
    }
    Ok(columns)
}

fn one_cluster(text: &str) -> Result<String, String> {
    let mut columns = clusters(text)?;
    if columns.len() > 1 {
        return Err(format!("{} cluster variables", columns.len()));
    }
    Ok(columns.remove(0))
}

fn wild(text: &str) -> Result<Wild, String> {
    let parts = names(text, ',')?;
    let mut wild = Wild::new(one_cluster(&quoted(&parts[0]))?);
    for part in &parts[1..] {
        match part.as_str() {
            "rademacher" => wild.weights = WildWeights::Rademacher,
            "webb" => wild.weights = WildWeights::Webb,
            other => setting(other, &mut wild.draws, &mut wild.seed)?,
        }
    }
    Ok(wild)
}

fn pairs(text: &str) -> Result<Pairs, String> {
    let parts = names(text, ',')?;
    let mut pairs = Pairs {
        cluster: one_cluster(&quoted(&parts[0]))?,
        draws: Pairs::DRAWS,
        seed: Pairs::SEED,
    };
    for part in &parts[1..] {
        setting(part, &mut pairs.draws, &mut pairs.seed)?;
    }
    Ok(pairs)
}

/// `draws=N` or `seed=N`.
fn setting(text: &str, draws: &mut usize, seed: &mut u64) -> Result<(), String> {
    let number = |value: &str| {
        let value = value.trim();
        value
            .parse::<u64>()
            .map_err(|_| format!("`{value}` is not a whole number"))
    };
    match text
        .split_once('=')
        .map(|(name, value)| (name.trim(), value))
    {
        Some(("draws", value)) => {
            let asked = usize::try_from(number(value)?).unwrap_or(usize::MAX);
            if !DRAWS.contains(&asked) {
                return Err(format!(
                    "{asked} draws are not between {} and {}",
                    DRAWS.start(),
                    DRAWS.end()
                ));
            }
            *draws = asked;
        }
        Some(("seed", value)) => *seed = number(value)?,
        _ => return Err(unreadable(text)),
    }
    Ok(())
}

/// What could have been meant after a cluster variable.
fn unreadable(text: &str) -> String {
    let name = text.split('=').next().unwrap_or_default().trim();
    match nearest(name, ["webb", "rademacher", "draws", "seed"], 1).first() {
        Some(near) => format!("`{text}` cannot be read; did you mean {near}?"),
        None => format!("`{text}` cannot be read"),
    }
}

/// A name in backquotes where it needs them.
fn quoted(name: &str) -> String {
    if name.contains(['+', ',', ':']) {
        format!("`{name}`")
    } else {
        name.to_owned()
    }
}

fn lag(text: Option<&str>) -> Result<Option<usize>, String> {
    let Some(text) = text else { return Ok(None) };
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(lag) if digits => Ok(Some(lag)),
        _ => Err(format!("`{text}` is not a number of periods")),
    }
}

fn conley(text: &str) -> Result<Conley, String> {
    let parts = names(text, ',')?;
    let (cutoff, latitude, longitude, kernel) = match parts.as_slice() {
        [cutoff, latitude, longitude] => (cutoff, latitude, longitude, Kernel::Uniform),
        [cutoff, latitude, longitude, kernel] => {
            let kernel = match kernel.as_str() {
                "uniform" => Kernel::Uniform,
                "bartlett" => Kernel::Bartlett,
                other => {
                    return Err(format!(
                        "there is no kernel `{other}` (uniform or bartlett)"
                    ));
                }
            };
            (cutoff, latitude, longitude, kernel)
        }
        _ => return Err(format!("{} parts after `conley:`", parts.len())),
    };
    let cutoff = match cutoff.parse::<f64>() {
        Ok(km) if km > 0.0 && km <= FARTHEST => km,
        Ok(km) => {
            return Err(format!(
                "the distance {km} is not between 0 and {FARTHEST} km"
            ));
        }
        Err(_) => return Err(format!("`{cutoff}` is not a distance")),
    };
    if latitude == longitude {
        return Err(format!("`{latitude}` stands twice"));
    }
    Ok(Conley {
        cutoff,
        latitude: latitude.clone(),
        longitude: longitude.clone(),
        kernel,
    })
}

/// Parts between marks outside backquotes, without the backquotes.
fn names(text: &str, mark: char) -> Result<Vec<String>, String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '`' => quoted = !quoted,
            letter if letter == mark && !quoted => parts.push(String::new()),
            letter => parts.last_mut().into_iter().for_each(|p| p.push(letter)),
        }
    }
    if quoted {
        return Err("a backquote is not closed".to_owned());
    }
    let parts: Vec<String> = parts.iter().map(|p| p.trim().to_owned()).collect();
    if parts.iter().any(String::is_empty) {
        return Err("a name is missing".to_owned());
    }
    Ok(parts)
}

/// As it is written in a request.
impl std::fmt::Display for Vcov {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())?;
        match self {
            Self::Cluster(columns) => {
                let columns: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
                write!(out, ":{}", columns.join("+"))
            }
            Self::NeweyWest(Some(lag)) | Self::DriscollKraay(Some(lag)) => write!(out, ":{lag}"),
            Self::Conley(conley) => {
                let Conley {
                    cutoff,
                    latitude,
                    longitude,
                    kernel,
                } = conley;
                write!(out, ":{cutoff},{},{}", quoted(latitude), quoted(longitude))?;
                match kernel {
                    Kernel::Uniform => Ok(()),
                    Kernel::Bartlett => out.write_str(",bartlett"),
                }
            }
            Self::Crv3(column) | Self::Cr2(column) => write!(out, ":{}", quoted(column)),
            Self::Wild(wild) => {
                write!(out, ":{}", quoted(&wild.cluster))?;
                if wild.weights == WildWeights::Webb {
                    out.write_str(",webb")?;
                }
                settings(out, (wild.draws, Wild::DRAWS), (wild.seed, Wild::SEED))
            }
            Self::Pairs(pairs) => {
                write!(out, ":{}", quoted(&pairs.cluster))?;
                settings(out, (pairs.draws, Pairs::DRAWS), (pairs.seed, Pairs::SEED))
            }
            _ => Ok(()),
        }
    }
}

/// Draws and seed where they are not the usual ones.
fn settings(
    out: &mut std::fmt::Formatter<'_>,
    (draws, usual_draws): (usize, usize),
    (seed, usual_seed): (u64, u64),
) -> std::fmt::Result {
    if draws != usual_draws {
        write!(out, ",draws={draws}")?;
    }
    if seed != usual_seed {
        write!(out, ",seed={seed}")?;
    }
    Ok(())
}
