//! The indices: one row each.

use super::table::{LongTable, Values};
use super::{ellison_glaeser, gini, herfindahl, krugman, location_quotient, theil};
use crate::Error;

/// What every index needs.
const LONG: &[&str] = &["value", "region", "activity"];

/// One index: what it is called, what it needs, how it is defined and by whom.
#[derive(Debug)]
pub struct IndexRow {
    /// Name on the command line and in study files.
    pub name: &'static str,
    /// English label.
    pub label: &'static str,
    /// Chinese label.
    pub label_zh: &'static str,
    /// Inputs it cannot do without, as in [`super::IndexRequest`].
    pub needs: &'static [&'static str],
    /// Further inputs it can use.
    pub takes: &'static [&'static str],
    /// Formula in plain text.
    pub formula: &'static str,
    /// Formula in LaTeX, without dollar signs.
    pub latex: &'static str,
    /// What it measures, its range and how to read it.
    pub doc: &'static str,
    /// Author, year, place, equation.
    pub citation: &'static str,
    /// An identity that it fulfils and that the tests check.
    pub identity: &'static str,
    /// Computes it.
    pub(super) compute: fn(&LongTable<'_>) -> Result<Values, Error>,
}

/// All indices.
pub const INDICES: &[IndexRow] = &[
    IndexRow {
        name: "location-quotient",
        label: "Location quotient",
        label_zh: "区位熵",
        needs: LONG,
        takes: &["time", "national"],
        formula: "LQ_ia = (x_ia / sum_a x_ia) / (sum_i x_ia / sum_i sum_a x_ia)",
        latex: r"LQ_{ia} = \frac{x_{ia} / \sum_{a} x_{ia}}{\sum_{i} x_{ia} / \sum_{i}\sum_{a} x_{ia}}",
        doc: "Share of an activity in a region over its share in the nation. 1: as in the nation; above 1: the region is \
              specialised in the activity. From 0, without an upper limit. With national amounts given, the nation's \
              share comes from them.",
        citation: "Florence (1939), Report on the Location of Industry, London: PEP; Isard (1960), Methods of Regional \
                   Analysis, MIT Press, chapter 7",
        identity: "The mean of LQ_ia over regions, weighted by each region's share in the total, is 1.",
        compute: location_quotient::compute,
    },
    IndexRow {
        name: "herfindahl",
        label: "Herfindahl index of specialisation",
        label_zh: "赫芬达尔专业化指数",
        needs: LONG,
        takes: &["time"],
        formula: "H_i = sum_a (x_ia / sum_a x_ia)^2",
        latex: r"H_i = \sum_{a} \left(\frac{x_{ia}}{\sum_{a} x_{ia}}\right)^2",
        doc: "Sum of the squared shares of a region's activities: from 1 / A with A equal activities to 1 with a single one.",
        citation: "Herfindahl (1950), Concentration in the Steel Industry, Columbia University; Hirschman (1964), American \
                   Economic Review 54(5), 761-762",
        identity: "H_i = 1 / A + A v, with v the population variance of the A shares.",
        compute: herfindahl::specialisation,
    },
    IndexRow {
        name: "concentration",
        label: "Herfindahl index of concentration",
        label_zh: "赫芬达尔集中度指数",
        needs: LONG,
        takes: &["time"],
        formula: "H_a = sum_i (x_ia / sum_i x_ia)^2",
        latex: r"H_a = \sum_{i} \left(\frac{x_{ia}}{\sum_{i} x_{ia}}\right)^2",
        doc: "Sum of the squared shares of the regions in an activity: from 1 / R in R equal regions to 1 in a single one.",
        citation: "Herfindahl (1950), Concentration in the Steel Industry, Columbia University; Hirschman (1964), American \
                   Economic Review 54(5), 761-762",
        identity: "H_a = 1 / R + R v, with v the population variance of the R shares.",
        compute: herfindahl::concentration,
    },
    IndexRow {
        name: "krugman",
        label: "Krugman specialisation index",
        label_zh: "克鲁格曼专业化指数",
        needs: LONG,
        takes: &["time"],
        formula: "K_i = sum_a |x_ia / sum_a x_ia - sum_i x_ia / sum_i sum_a x_ia|",
        latex: r"K_i = \sum_{a} \left|\frac{x_{ia}}{\sum_{a} x_{ia}} - \frac{\sum_{i} x_{ia}}{\sum_{i}\sum_{a} x_{ia}}\right|",
        doc: "Distance of a region's structure from that of all regions together, itself included: 0 for the same \
              structure, below 2 for one that no other region shares.",
        citation: "Krugman (1991), Geography and Trade, MIT Press, chapter 3 (there between two regions)",
        identity: "K_i = (1 - w_i) times the same sum against all other regions, with w_i the region's share in the total.",
        compute: krugman::compute,
    },
    IndexRow {
        name: "locational-gini",
        label: "Locational Gini coefficient",
        label_zh: "区位基尼系数",
        needs: LONG,
        takes: &["time"],
        formula: "G_a = (1/2) sum_i sum_j w_i w_j |LQ_ia - LQ_ja|, w_i = sum_a x_ia / sum_i sum_a x_ia",
        latex: r"G_a = \frac{1}{2} \sum_{i}\sum_{j} w_i w_j \left|LQ_{ia} - LQ_{ja}\right|",
        doc: "Twice the area between the diagonal and the Lorenz curve of an activity's shares over the regions' shares in \
              the total: 0 when every region has the national share, near 1 when a small region has all of it.",
        citation: "Krugman (1991), Geography and Trade, MIT Press, chapter 2, p. 56 (there the area itself, half of this); Kim (1995), Quarterly Journal of \
                   Economics 110(4), 881-908",
        identity: "The area under the Lorenz curve gives the same number as the mean difference of the LQs.",
        compute: gini::compute,
    },
    IndexRow {
        name: "theil",
        label: "Theil index",
        label_zh: "泰尔指数",
        needs: LONG,
        takes: &["time", "groups"],
        formula: "T_a = sum_i s_i ln(s_i / w_i), s_i = x_ia / sum_i x_ia, w_i = sum_a x_ia / sum_i sum_a x_ia",
        latex: r"T_a = \sum_{i} s_i \ln \frac{s_i}{w_i}",
        doc: "Divergence of an activity's regional shares from those of the total: 0 when they are equal, no upper limit but \
              ln(1 / min w). With groups of regions, also the parts between and within groups.",
        citation: "Theil (1967), Economics and Information Theory, North-Holland, chapter 4; Brülhart and Traeger (2005), \
                   Regional Science and Urban Economics 35(6), 597-624",
        identity: "T_a is the sum of its parts between and within groups.",
        compute: theil::compute,
    },
    IndexRow {
        name: "ellison-glaeser",
        label: "Ellison-Glaeser index",
        label_zh: "EG 集聚指数",
        needs: &["value", "region", "activity", "plants"],
        takes: &["time"],
        formula: "gamma_a = (G - (1 - X) H) / ((1 - X) (1 - H)), G = sum_i (s_i - w_i)^2, X = sum_i w_i^2, \
                  H = Herfindahl index of plant sizes",
        latex: r"\gamma_a = \frac{G_a - \left(1 - \sum_i w_i^2\right) H_a}{\left(1 - \sum_i w_i^2\right)\left(1 - H_a\right)}, \quad G_a = \sum_i (s_i - w_i)^2",
        doc: "Concentration beyond what few large plants would give by chance: 0 in expectation for plants placed at random, \
              above it with agglomeration, below it with dispersion.",
        citation: "Ellison and Glaeser (1997), Journal of Political Economy 105(5), 889-927, equation 5",
        identity: "gamma (1 - X) (1 - H) + (1 - X) H = G; as H goes to 0, gamma goes to G / (1 - X).",
        compute: ellison_glaeser::compute,
    },
];

/// The names of all indices, for messages.
pub fn names() -> String {
    INDICES
        .iter()
        .map(|row| row.name)
        .collect::<Vec<_>>()
        .join(", ")
}
