# Covariances of plm, sandwich and estimatr on Munnell's panel, all rows and without the rows of
# ../munnell/dropped_rows.csv. Run in this folder: Rscript covariances.R > covariances.json
#
# Newey-West (vcovNW) and Driscoll-Kraay (vcovSCC) from plm; HC2 and HC3 from sandwich on the regression with explicit
# dummies, and from estimatr with one absorbed effect; three- and four-way clusters from sandwich without any factor.
suppressPackageStartupMessages({library(plm); library(sandwich); library(estimatr)})

number <- function(x) ifelse(is.finite(x), sprintf("%.17g", x), "null")
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", number(x), collapse = ", "), "}")
rows <- character()
emit <- function(case, sample, vcov, convention, coefficients, covariance) {
  names(coefficients) <- sub("\\(Intercept\\)", "_cons", names(coefficients))
  se <- sqrt(diag(covariance))[seq_along(coefficients)]
  names(se) <- names(coefficients)
  wanted <- !grepl("factor\\(", names(coefficients))
  rows <<- c(rows, sprintf(
    "  {\"case\": \"%s\", \"sample\": \"%s\", \"model\": \"%s\", \"vcov\": \"%s\", \"convention\": \"%s\",\n   \"coefficients\": %s,\n   \"std_errors\": %s,\n   \"extra\": {}}",
    case, sample, if (grepl("pooled", case)) "pooled" else if (case == "random") case else "within",
    vcov, convention, object(coefficients[wanted]), object(se[wanted])))
}

all_rows <- read.csv("../../canonical/munnell.csv")
# Further cluster variables: state number (from 0, sorted) and period make groups that cross both.
i <- match(all_rows$state, sort(unique(all_rows$state))) - 1
t <- all_rows$yr - 1970
all_rows$c3 <- (i + 3 * t) %% 11
all_rows$c4 <- (2 * i + t) %% 13
dropped <- read.csv("../munnell/dropped_rows.csv")$row
samples <- list(balanced = all_rows, unbalanced = all_rows[-(dropped + 1), ])
f <- log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp

for (name in names(samples)) {
  data <- samples[[name]]
  p <- pdata.frame(data, index = c("state", "yr"))
  fits <- list(
    pooled = plm(f, p, model = "pooling"),
    within1 = plm(f, p, model = "within", effect = "individual"),
    `within-time` = plm(f, p, model = "within", effect = "time"),
    within2 = plm(f, p, model = "within", effect = "twoways"),
    random = plm(f, p, model = "random", random.method = "swar"))
  for (case in names(fits)) {
    fit <- fits[[case]]
    for (lag in list(0, 2, 5, NULL)) {
      tail <- if (is.null(lag)) "" else paste0(":", lag)
      for (type in c("HC0", "sss")) {
        convention <- if (type == "sss") "plm-sss" else "plm"
        arguments <- c(list(fit, type = type), if (!is.null(lag)) list(maxlag = lag))
        emit(case, name, paste0("newey-west", tail), convention, coef(fit), do.call(vcovNW, arguments))
        emit(case, name, paste0("driscoll-kraay", tail), convention, coef(fit), do.call(vcovSCC, arguments))
      }
    }
  }
  dummies <- list(pooled = f, within1 = update(f, . ~ . + factor(state)),
                  within2 = update(f, . ~ . + factor(state) + factor(yr)),
                  within3 = update(f, . ~ . + factor(state) + factor(yr) + factor(c3)))
  for (weighted in c(FALSE, TRUE)) for (case in names(dummies)) {
    data$w <- if (weighted) data$hwy else 1
    fit <- lm(dummies[[case]], data, weights = w)
    keep <- if (case == "pooled") 1:5 else 2:5
    label <- paste0(case, if (weighted) "-weights" else "")
    for (type in c("HC2", "HC3"))
      emit(label, name, tolower(type), "fixest", coef(fit)[keep], vcovHC(fit, type = type)[keep, keep])
    for (by in list(~ state + yr, ~ state + yr + c3, ~ state + yr + c3 + c4)) {
      columns <- paste(all.vars(by), collapse = "+")
      # sandwich repairs all coefficients together: only matrices without negative eigenvalues compare.
      plain <- vcovCL(fit, by, type = "HC0", cadjust = FALSE, fix = FALSE)
      if (min(eigen(plain[keep, keep])$values) > 0 && min(eigen(plain)$values) > -1e-12 * max(diag(plain)))
        emit(label, name, paste0("cluster:", columns), "plm", coef(fit)[keep], plain[keep, keep])
    }
  }
  # estimatr: the leverage of one absorbed effect is exact.
  for (type in c("HC2", "HC3")) {
    fit <- lm_robust(f, data, fixed_effects = ~ state, se_type = type)
    emit("within1", name, tolower(type), "fixest", coef(fit), vcov(fit))
  }
}
cat(sprintf("{\"tool\": \"R %s, plm %s, sandwich %s, estimatr %s\",\n \"command\": \"Rscript covariances.R > covariances.json\",\n \"rows\": [\n%s\n ]}\n",
            getRversion(), packageVersion("plm"), packageVersion("sandwich"), packageVersion("estimatr"),
            paste(rows, collapse = ",\n")))
