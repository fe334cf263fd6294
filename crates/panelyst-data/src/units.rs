//! Units of measure and their conversions.

use arrow_array::{Array, Float64Array};

use crate::error::Error;

/// A unit of measure: one row of [`UNITS`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Name in study files.
    pub name: &'static str,
    /// English label for tables.
    pub label_en: &'static str,
    /// Chinese label for tables, as yearbooks print it.
    pub label_zh: &'static str,
    /// Other ways of writing it.
    pub aliases: &'static [&'static str],
    /// What it measures; only units of one dimension convert into each other.
    pub dimension: &'static str,
    /// Size in the smallest unit of the dimension; a whole number, so that conversions keep exact decimals.
    pub factor: f64,
}

const fn unit(
    name: &'static str,
    label_en: &'static str,
    label_zh: &'static str,
    aliases: &'static [&'static str],
    dimension: &'static str,
    factor: f64,
) -> Unit {
    Unit {
        name,
        label_en,
        label_zh,
        aliases,
        dimension,
        factor,
    }
}

const CNY: &str = "money (CNY)";
const USD: &str = "money (USD)";
const EUR: &str = "money (EUR)";
const PERSONS: &str = "persons";
const COUNT: &str = "count";
const RATIO: &str = "ratio";
const MASS: &str = "mass";
const AREA: &str = "area";
const LENGTH: &str = "length";
const ENERGY: &str = "energy";

/// All units of measure.
pub const UNITS: [Unit; 49] = [
    unit("yuan", "yuan", "元", &["cny", "rmb"], CNY, 1.0),
    unit("thousand-yuan", "thousand yuan", "千元", &[], CNY, 1e3),
    unit(
        "10k-yuan",
        "10 000 yuan",
        "万元",
        &["10 000 yuan", "10,000 yuan"],
        CNY,
        1e4,
    ),
    unit("million-yuan", "million yuan", "百万元", &[], CNY, 1e6),
    unit(
        "10-million-yuan",
        "10 million yuan",
        "千万元",
        &[],
        CNY,
        1e7,
    ),
    unit(
        "100m-yuan",
        "100 million yuan",
        "亿元",
        &["100-million-yuan"],
        CNY,
        1e8,
    ),
    unit("billion-yuan", "billion yuan", "十亿元", &[], CNY, 1e9),
    unit("trillion-yuan", "trillion yuan", "万亿元", &[], CNY, 1e12),
    unit("usd", "US dollars", "美元", &["us$", "dollars"], USD, 1.0),
    unit(
        "thousand-usd",
        "thousand US dollars",
        "千美元",
        &[],
        USD,
        1e3,
    ),
    unit(
        "10k-usd",
        "10 000 US dollars",
        "万美元",
        &["10 000 usd", "10,000 usd"],
        USD,
        1e4,
    ),
    unit(
        "million-usd",
        "million US dollars",
        "百万美元",
        &[],
        USD,
        1e6,
    ),
    unit(
        "100m-usd",
        "100 million US dollars",
        "亿美元",
        &["100-million-usd"],
        USD,
        1e8,
    ),
    unit(
        "billion-usd",
        "billion US dollars",
        "十亿美元",
        &[],
        USD,
        1e9,
    ),
    unit("eur", "euros", "欧元", &[], EUR, 1.0),
    unit("thousand-eur", "thousand euros", "千欧元", &[], EUR, 1e3),
    unit("million-eur", "million euros", "百万欧元", &[], EUR, 1e6),
    unit("100m-eur", "100 million euros", "亿欧元", &[], EUR, 1e8),
    unit("billion-eur", "billion euros", "十亿欧元", &[], EUR, 1e9),
    unit(
        "persons",
        "persons",
        "人",
        &["person", "people"],
        PERSONS,
        1.0,
    ),
    unit(
        "thousand-persons",
        "thousand persons",
        "千人",
        &[],
        PERSONS,
        1e3,
    ),
    unit(
        "10k-persons",
        "10 000 persons",
        "万人",
        &["10 000 persons", "10,000 persons"],
        PERSONS,
        1e4,
    ),
    unit(
        "million-persons",
        "million persons",
        "百万人",
        &[],
        PERSONS,
        1e6,
    ),
    unit(
        "100m-persons",
        "100 million persons",
        "亿人",
        &[],
        PERSONS,
        1e8,
    ),
    unit("pieces", "pieces", "件", &["piece", "项"], COUNT, 1.0),
    unit(
        "number",
        "number",
        "个",
        &["count", "units", "家"],
        COUNT,
        1.0,
    ),
    unit("thousands", "thousands", "千个", &["thousand"], COUNT, 1e3),
    unit("10k-pieces", "10 000 pieces", "万件", &["万个"], COUNT, 1e4),
    unit("millions", "millions", "百万个", &["million"], COUNT, 1e6),
    unit("basis-points", "basis points", "基点", &["bp"], RATIO, 1.0),
    unit("permille", "per mille", "‰", &["千分比"], RATIO, 10.0),
    unit(
        "percent",
        "%",
        "%",
        &["per cent", "百分比", "percentage-points"],
        RATIO,
        100.0,
    ),
    unit(
        "fraction",
        "fraction",
        "比值",
        &["ratio", "share"],
        RATIO,
        10_000.0,
    ),
    unit("kg", "kg", "千克", &["公斤"], MASS, 1.0),
    unit("tons", "tonnes", "吨", &["tonnes", "t"], MASS, 1e3),
    unit("10k-tons", "10 000 tonnes", "万吨", &[], MASS, 1e7),
    unit("million-tons", "million tonnes", "百万吨", &[], MASS, 1e9),
    unit("100m-tons", "100 million tonnes", "亿吨", &[], MASS, 1e11),
    unit("sq-m", "square metres", "平方米", &["m2"], AREA, 1.0),
    unit("hectares", "hectares", "公顷", &["ha"], AREA, 1e4),
    unit(
        "thousand-hectares",
        "thousand hectares",
        "千公顷",
        &[],
        AREA,
        1e7,
    ),
    unit(
        "sq-km",
        "square kilometres",
        "平方公里",
        &["km2", "平方千米"],
        AREA,
        1e6,
    ),
    unit(
        "10k-sq-m",
        "10 000 square metres",
        "万平方米",
        &[],
        AREA,
        1e4,
    ),
    unit("metres", "metres", "米", &["m"], LENGTH, 1.0),
    unit(
        "km",
        "kilometres",
        "公里",
        &["kilometres", "千米"],
        LENGTH,
        1e3,
    ),
    unit("10k-km", "10 000 kilometres", "万公里", &[], LENGTH, 1e7),
    unit("kwh", "kWh", "千瓦时", &[], ENERGY, 1.0),
    unit("10k-kwh", "10 000 kWh", "万千瓦时", &[], ENERGY, 1e4),
    unit("100m-kwh", "100 million kWh", "亿千瓦时", &[], ENERGY, 1e8),
];

/// The unit of a name, a label in either language, or another way of writing it.
pub fn find(name: &str) -> Option<&'static Unit> {
    let wanted = folded(name);
    UNITS.iter().find(|unit| {
        [unit.name, unit.label_en, unit.label_zh]
            .iter()
            .chain(unit.aliases)
            .any(|known| folded(known) == wanted)
    })
}

/// The unit of a name, or an error that says which units come near.
///
/// # Errors
/// [`Error::UnknownUnit`].
pub fn known(name: &str) -> Result<&'static Unit, Error> {
    find(name).ok_or_else(|| {
        let names: Vec<&str> = UNITS.iter().map(|unit| unit.name).collect();
        let near = crate::names::nearest(&folded(name), &names, folded);
        Error::UnknownUnit {
            name: name.into(),
            hint: if near.is_empty() {
                format!("; the units are {}", names.join(", "))
            } else {
                format!("; did you mean {}?", near.join(" or "))
            },
        }
    })
}

/// Converts numbers from one unit into another; gives the numbers and the factor that they were multiplied by.
///
/// Where the factor is below one, the numbers are divided by its whole inverse, so that decimals that were exact stay so:
/// 12345 (10 000 yuan) becomes 1.2345 (100 million yuan), the nearest double to it.
///
/// # Errors
/// [`Error::UnknownUnit`], and [`Error::UnitMismatch`] for units of different dimensions.
pub fn convert(values: &Float64Array, from: &str, to: &str) -> Result<(Float64Array, f64), Error> {
    let (source, target) = (known(from)?, known(to)?);
    if source.dimension != target.dimension {
        return Err(Error::UnitMismatch {
            from: source.name.into(),
            from_dimension: source.dimension.into(),
            to: target.name.into(),
            to_dimension: target.dimension.into(),
        });
    }
    let converted = if source.factor >= target.factor {
        let times = source.factor / target.factor;
        values.unary(|value| value * times)
    } else {
        let parts = target.factor / source.factor;
        values.unary(|value| value / parts)
    };
    debug_assert_eq!(converted.null_count(), values.null_count());
    Ok((converted, source.factor / target.factor))
}

fn folded(name: &str) -> String {
    crate::cleaning::number::narrowed(name)
        .trim()
        .to_lowercase()
        .replace([' ', '_'], "-")
}
