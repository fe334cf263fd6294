# CR2 with Satterthwaite's degrees of freedom and CR3 of clubSandwich, CR2 of estimatr, and the jackknife over clusters by
# refitting, on Munnell's panel: all rows and without the rows of ../munnell/dropped_rows.csv.
# Run in this folder: Rscript small-samples.R > small-samples.csv
#
# clubSandwich's CR3 does not exist beside dummies that lie in one cluster; it is left empty there.
# Every model is a regression with explicit dummies. Clusters: state, yr, and "nine", the number of the state (from 0, sorted)
# modulo 9. CRV3 is (G-1)/G sum_g (b_g - b)(b_g - b)', b_g from lm() without cluster g. With the
# weights hwy, CR2 and CR3 are those of the regression of columns times the root of the weight, the working model of errors with
# variance over the weight. (clubSandwich's own weighted CR2 takes another root of the same matrix.)
suppressPackageStartupMessages({library(clubSandwich); library(estimatr)})

all_rows <- read.csv("../../canonical/munnell.csv")
i <- match(all_rows$state, sort(unique(all_rows$state))) - 1
all_rows$nine <- i %% 9
dropped <- read.csv("../munnell/dropped_rows.csv")$row
samples <- list(balanced = all_rows, unbalanced = all_rows[-(dropped + 1), ])
terms <- c("log(p_cap)", "log(pc)", "log(emp)", "unemp")
right <- paste(terms, collapse = " + ")
models <- c(pooled = "", within1 = " + factor(state)", within2 = " + factor(state) + factor(yr)")

number <- function(x) sprintf("%.17g", x)
cat("# ", R.version.string, ", clubSandwich ", as.character(packageVersion("clubSandwich")), ", estimatr ",
    as.character(packageVersion("estimatr")), "\n", sep = "")
cat("sample,model,weights,cluster,term,estimate,cr2,cr2_df,cr2_p,cr3,crv3,crv3_low,crv3_high,estimatr_cr2,estimatr_df\n")
for (sample in names(samples)) for (model in names(models)) for (weighted in c("none", "hwy")) for (by in c("state", "nine", "yr")) {
  d <- samples[[sample]]
  d$w <- if (weighted == "hwy") d$hwy else rep(1, nrow(d))
  f <- as.formula(paste("log(gsp) ~", right, models[[model]]))
  fit <- if (weighted == "hwy") lm(f, d, weights = w) else lm(f, d)
  b <- coef(fit)[terms]
  d$cluster <- d[[by]]
  x <- sqrt(d$w) * model.matrix(fit)
  y <- sqrt(d$w) * log(d$gsp)
  plain <- lm(y ~ 0 + x)
  v2 <- vcovCR(plain, d$cluster, type = "CR2")
  v3 <- tryCatch(vcovCR(plain, d$cluster, type = "CR3"), error = function(e) NULL)
  t2 <- coef_test(plain, vcov = v2, test = "Satterthwaite", coefs = paste0("x", terms))
  groups <- sort(unique(d$cluster))
  left <- sapply(groups, function(g) {
    rest <- d[d$cluster != g, ]
    coef(if (weighted == "hwy") lm(f, rest, weights = w) else lm(f, rest))[terms]
  })
  G <- length(groups)
  crv3 <- sqrt((G - 1) / G * rowSums((left - b)^2))
  e <- c(cr2 = NA, df = NA)
  es <- NULL
  if (weighted == "none") es <- lm_robust(f, d, clusters = d$cluster, se_type = "CR2")
  for (t in terms) {
    row <- which(terms == t)
    xt <- paste0("x", t)
    e2 <- if (is.null(es)) "" else number(es$std.error[[t]])
    edf <- if (is.null(es)) "" else number(es$df[[t]])
    cat(sample, model, weighted, by, t, number(b[[t]]), number(sqrt(v2[xt, xt])), number(t2$df_Satt[row]),
        number(t2$p_Satt[row]), if (is.null(v3)) "" else number(sqrt(v3[xt, xt])), number(crv3[[t]]), number(min(left[t, ])), number(max(left[t, ])),
        e2, edf, sep = ",")
    cat("\n")
  }
}
