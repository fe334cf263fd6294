//! The file of a published paper: tables typed as they stand on the page, and what the text says.
//!
//! ```toml
//! [paper]
//! title = "..."
//!
//! [sample]
//! unit = "province"            # the paper's word for a unit
//! units = 31                   # how many; `members` may name them
//! first = 2003                 # or periods = 14
//! last = 2016
//! rows = 434
//! errors = "clustered"         # classical, robust, clustered, mixed; left out where the paper does not say
//! interpolation = "..."        # what it says about filled gaps; interpolated-share = 0.02 where it says how many
//!
//! [[group]]                    # a subsample; columns with this heading are of it
//! name = "Eastern region"
//! members = "Hebei, Beijing"
//!
//! [variables.inv]
//! transform = "log"            # level, share, index, log (base not stated), log10, ln
//! count = true                 # whole numbers before the transform
//! unit = "patents"
//! part-of = "gdp"              # with share = [0.05, 2]: the bounds of its ratio to the other variable
//! known = [100, 100000]        # bounds of its values before the transform
//! undefined = true             # the table of definitions leaves it without one
//!
//! [[table]]
//! name = "Table 3"
//! kind = "regression"          # or "description"
//! brackets = "t"               # t, se, p or unknown; a list where several lines stand below a coefficient
//! stars = "* p < 0.05, ** p < 0.01, *** p < 0.001"
//! outcome = "agg"
//! split = true                 # its groups make up the whole sample
//! block = """
//!              | (1)      | (2)
//! inv          | 0.373*** | 0.179**
//!              | (9.39)   | (2.68)
//! Region fixed | NO       | YES
//! _cons        | -0.713   | -0.36
//!              | (-4.80)  | (-0.29)
//! N            | 434      | 434
//! """
//!
//! [[symbol]]                   # and [[described]]: something with several meanings
//! name = "i"
//! meanings = ["the province", "the industry"]
//!
//! [[claim]]                    # what the text says
//! kind = "greater"             # greater, significant, no-effect, value, effect, test
//! where = "Abstract"
//! text = "..."
//! table = "Table 5"
//! row = "inv"
//! column = "(1)"               # or a list
//! than = ["(2)", "(3)"]        # greater
//! level = 0.01                 # significant
//! value = "3.8043"             # value, effect; effect also percent = 1 and outcome-percent = true
//! name = "LR"                  # test
//! ```
//!
//! Further keys of a regression: `n`, `constant`, `unit-effects` and `time-effects` name rows or give N, `ignore` lists rows to pass
//! over, `lags`, `weighted`, `errors`, `notes`.

mod block;
mod description;
mod fields;
mod read;
mod regression;
pub(crate) mod words;

pub use read::read;
pub(crate) use regression::column_number;
