//! Words that tables add to numbers, in English and Chinese.

use crate::table::Lang;

/// One word or phrase in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Machine name.
    pub key: &'static str,
    /// English, as journals print it.
    pub en: &'static str,
    /// Chinese, as journals print it.
    pub zh: &'static str,
}

impl Word {
    /// The word in a language.
    pub const fn say(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }
}

macro_rules! words {
    ($($name:ident $key:literal $en:literal $zh:literal;)*) => {
        $(
            #[doc = concat!("`", $en, "`, `", $zh, "`.")]
            pub const $name: Word = Word { key: $key, en: $en, zh: $zh };
        )*
        /// Every word, in the order in which it is declared.
        pub const WORDS: &[Word] = &[$($name),*];
    };
}

words! {
    TABLE "table" "Table" "表";
    VARIABLE "variable" "Variable" "变量";
    YES "yes" "YES" "是";
    NO "no" "NO" "否";
    OBSERVATIONS "observations" "N" "观测值";
    CLUSTERS "clusters" "Clusters" "聚类数";
    R2 "r2" "R2" "R²";
    R2_ADJUSTED "r2-adjusted" "Adjusted R2" "调整后R²";
    R2_WITHIN "r2-within" "Within R2" "组内R²";
    RMSE "rmse" "Root MSE" "均方根误差";
    LOGLIK "loglik" "Log-likelihood" "对数似然值";
    CONSTANT "constant" "_cons" "常数项";
    MODEL "model" "Model" "模型";
    POOLED "pooled" "Pooled" "混合回归";
    WITHIN "within" "Fixed effects" "固定效应";
    BETWEEN "between" "Between" "组间估计";
    FIRST_DIFFERENCE "first-difference" "First difference" "一阶差分";
    RANDOM "random" "Random effects" "随机效应";
    RANDOM_ML "random-ml" "Random effects (ML)" "随机效应（极大似然）";
    TWO_STAGE "2sls" "2SLS" "两阶段最小二乘";
    LIML "liml" "LIML" "有限信息极大似然";
    POISSON "poisson" "Poisson" "泊松伪极大似然";
    LOGIT "logit" "Logit" "Logit模型";
    PSEUDO_R2 "pseudo-r2" "Pseudo R2" "伪R²";

    CONVENTION "convention" "Convention" "惯例";
    COEFFICIENT "coefficient" "Coefficient" "系数";
    STD_ERROR "std-error" "Std. error" "标准误";
    T_VALUE "t-value" "t" "t值";
    DF "df" "df" "自由度";
    CHANGE "change" "Change" "变化";
    CHOICE "choice" "Choice" "设定";
    SPECIFICATIONS "specifications" "Specifications" "模型数";
    ABOVE_ZERO "above-zero" "> 0" "系数为正";
    ALL_SPECIFICATIONS "all-specifications" "All specifications" "全部模型";
    CONTROLS "controls" "Controls" "控制变量组合";
    ROWS "rows" "Sample" "样本";
    EFFECTS "effects" "Effects" "固定效应";
    COVARIANCE "covariance" "Covariance" "标准误类型";
    FILLING "filling" "Gaps of" "缺失值处理：";
    LOG_BASE "log-base" "Log base of" "对数的底：";
    FORMULA_OF "formula-of" "Formula of" "公式：";
    NO_TERMS "no-terms" "none" "无";
    ALL_ROWS "all-rows" "all rows" "全部观测";
    OF_MODEL "of-model" "of the model" "与基准模型相同";
    PUBLISHED "published" "Published" "发表值";
    OURS "ours" "Ours" "本文";
    DEVIATION "deviation" "Difference" "差异";
    VERDICT "verdict" "Agreement" "一致性";
    STARS "stars" "stars" "星号";
    ROUNDING "rounding" "within rounding" "舍入范围内";
    SAME "same" "same" "相同";
    DIFFERS "differs" "differs" "不一致";
    NOT_THERE "not-there" "none of ours" "本文无此值";
    REASON "reason" "Reason" "原因";
    FACTOR "factor" "Factor" "系数乘数";
    RULE "rule" "Rule" "公式";
    RESIDUAL_DF "residual-df" "Residual df" "残差自由度";
    P_CRV3 "p-crv3" "p, CRV3 jackknife" "p值（CRV3刀切法）";
    P_WILD "p-wild" "p, wild bootstrap" "p值（wild聚类自助法）";

    FIRST_STAGE_F "first-stage-f" "First-stage F" "第一阶段F值";
    PARTIAL_R2 "partial-r2" "Partial R2" "偏R²";
    KLEIBERGEN_PAAP_LM "kleibergen-paap-lm" "Kleibergen-Paap rk LM" "Kleibergen-Paap rk LM统计量";
    KLEIBERGEN_PAAP_F "kleibergen-paap-f" "Kleibergen-Paap rk F" "Kleibergen-Paap rk F统计量";
    CRAGG_DONALD_F "cragg-donald-f" "Cragg-Donald F" "Cragg-Donald F统计量";
    EFFECTIVE_F "effective-f" "Effective F" "有效F统计量";
    SARGAN "sargan" "Sargan" "Sargan检验";
    HANSEN_J "hansen-j" "Hansen J" "Hansen J检验";
    WU_HAUSMAN "wu-hausman" "Wu-Hausman" "Wu-Hausman内生性检验";
    ANDERSON_RUBIN "anderson-rubin" "Anderson-Rubin" "Anderson-Rubin检验";
    ANDERSON_RUBIN_SET "anderson-rubin-set" "Anderson-Rubin 95 % set" "Anderson-Rubin 95%置信集";
    EMPTY_SET "empty-set" "empty" "空集";
    WHOLE_LINE "whole-line" "whole line" "全体实数";

    OBS "obs" "Obs" "观测值";
    MEAN "mean" "Mean" "均值";
    SD "sd" "Std. Dev." "标准差";
    MIN "min" "Min" "最小值";
    P25 "p25" "p25" "25%分位数";
    MEDIAN "median" "Median" "中位数";
    P75 "p75" "p75" "75%分位数";
    MAX "max" "Max" "最大值";
    SD_BETWEEN "sd-between" "SD between" "组间标准差";
    SD_WITHIN "sd-within" "SD within" "组内标准差";

    ROLE "role" "Variable type" "变量类型";
    NAME "name" "Symbol" "符号";
    LABEL "label" "Variable name" "变量名称";
    DEFINITION "definition" "Definition" "变量定义";
    UNIT "unit" "Unit" "单位";
    SOURCE "source" "Source" "数据来源";
    OUTCOME "outcome" "Explained variable" "被解释变量";
    CORE "core" "Core explanatory variable" "核心解释变量";
    CONTROL "control" "Control variable" "控制变量";
    SUBSTITUTE "substitute" "Substitute variable" "替代变量";
    GROUPING "grouping" "Grouping variable" "分组变量";
    OTHER "other" "Other variable" "其他变量";

    VIF_LEVELS "vif-levels" "VIF (levels)" "VIF（水平值）";
    VIF_WITHIN "vif-within" "VIF (within)" "VIF（组内）";
    MEAN_VIF "mean-vif" "Mean" "均值";

    TEST "test" "Test" "检验";
    NULL "null" "Null hypothesis" "原假设";
    STATISTIC "statistic" "Statistic" "统计量";
    DISTRIBUTION "distribution" "Distribution" "分布";
    P_VALUE "p-value" "p" "p值";
    DECISION "decision" "Decision (5 %)" "结论（5%水平）";
    REJECT "reject" "reject" "拒绝";
    KEEP "keep" "not rejected" "不拒绝";
    UNDEFINED "undefined" "undefined" "无定义";

    GROUPS "groups" "Groups" "组别";
    TERM "term" "Variable" "变量";
    ESTIMATE_FIRST "estimate-first" "First" "前者系数";
    ESTIMATE_SECOND "estimate-second" "Second" "后者系数";
    DIFFERENCE "difference" "Difference" "系数差";
    T_INTERACTION "t-interaction" "t (interaction)" "t值（交互项）";
    P_INTERACTION "p-interaction" "p (interaction)" "p值（交互项）";
    P_PERMUTATION "p-permutation" "p (permutation)" "p值（置换）";
    CLUSTERS_EACH "clusters-each" "Clusters" "聚类数";
    CAUTION "caution" "Note" "备注";
}

/// Joins a list as a sentence does: `a, b and c`, or `a、b和c`.
pub fn list<S: AsRef<str>>(items: &[S], lang: Lang) -> String {
    let (comma, and) = match lang {
        Lang::En => (", ", " and "),
        Lang::Zh => ("、", "和"),
    };
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{}{and}{}", head.join(comma), last.as_ref())
        }
    }
}

/// Columns of a table in a sentence, from zero-based places:
/// `column (3)`, `columns (1) and (2)`, `columns (1)-(3)`; `第(3)列`, `第(1)、(2)列`, `第(1)—(3)列`.
pub fn columns(places: &[usize], lang: Lang) -> String {
    let run = places.len() > 2 && places.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let number = |place: &usize| format!("({})", place + 1);
    let numbers: Vec<String> = places.iter().map(number).collect();
    match (lang, numbers.as_slice()) {
        (Lang::En, [one]) => format!("column {one}"),
        (Lang::En, [first, .., last]) if run => format!("columns {first}-{last}"),
        (Lang::En, _) => format!("columns {}", list(&numbers, lang)),
        (Lang::Zh, [first, .., last]) if run => format!("第{first}—{last}列"),
        (Lang::Zh, _) => format!("第{}列", numbers.join("、")),
    }
}

/// The first letter as a capital, for a phrase that begins an English sentence.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
