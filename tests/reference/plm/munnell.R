# Reference numbers of plm, lm with sandwich, and lme4 on Munnell's panel, all rows and without the rows of
# ../munnell/dropped_rows.csv. Run in this folder: Rscript munnell.R > munnell.json
suppressPackageStartupMessages({library(plm); library(sandwich); library(lme4)})

number <- function(x) ifelse(is.finite(x), sprintf("%.17g", x), "null")
object <- function(x) paste0("{", paste0("\"", names(x), "\": ", number(x), collapse = ", "), "}")
rows <- character()
emit <- function(case, sample, model, vcov, convention, coefficients, covariance, extra = c()) {
  names(coefficients) <- sub("\\(Intercept\\)", "_cons", sub("\\(intercept\\)", "_cons", names(coefficients)))
  se <- sqrt(diag(covariance))[seq_along(coefficients)]
  names(se) <- names(coefficients)
  wanted <- !grepl("factor\\(", names(coefficients))
  rows <<- c(rows, sprintf(
    "  {\"case\": \"%s\", \"sample\": \"%s\", \"model\": \"%s\", \"vcov\": \"%s\", \"convention\": \"%s\",\n   \"coefficients\": %s,\n   \"std_errors\": %s,\n   \"extra\": %s}",
    case, sample, model, vcov, convention, object(coefficients[wanted]), object(se[wanted]),
    if (length(extra)) object(extra) else "{}"))
}

all_rows <- read.csv("../../canonical/munnell.csv")
all_rows$len <- nchar(all_rows$state)
dropped <- read.csv("../munnell/dropped_rows.csv")$row
samples <- list(balanced = all_rows, unbalanced = all_rows[-(dropped + 1), ])
f <- log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp

for (name in names(samples)) {
  data <- samples[[name]]
  p <- pdata.frame(data, index = c("state", "yr"))
  fits <- list(
    pooled = plm(f, p, model = "pooling"),
    within1 = plm(f, p, model = "within", effect = "individual"),
    within2 = plm(f, p, model = "within", effect = "twoways"),
    between = plm(f, p, model = "between"),
    random = plm(f, p, model = "random", random.method = "swar"),
    `random-length` = plm(update(f, . ~ . + len), p, model = "random", random.method = "swar"),
    `random-years` = plm(update(f, . ~ . + factor(yr)), p, model = "random", random.method = "swar"))
  if (name == "balanced") fits[["first-difference"]] <- plm(f, p, model = "fd")
  for (case in names(fits)) {
    fit <- fits[[case]]
    model <- sub("[12]$", "", sub("-(length|years)$", "", case))
    extra <- c(nobs = nobs(fit), rss = sum(residuals(fit)^2), df_residual = df.residual(fit))
    if (model == "random") {
      components <- ercomp(fit)
      theta <- components$theta
      if (is.list(theta)) theta <- theta$id
      extra <- c(nobs = nobs(fit), df_residual = df.residual(fit),
                 sigma2_e = unname(components$sigma2["idios"]), sigma2_u = unname(components$sigma2["id"]),
                 theta_low = min(theta), theta_high = max(theta))
    }
    emit(case, name, model, "iid", "plm", coef(fit), vcov(fit), extra)
    if (model == "between") next
    emit(case, name, model, "hc1", "plm", coef(fit), vcovHC(fit, method = "white1", type = "HC1"))
    emit(case, name, model, "cluster:state", "plm", coef(fit), vcovHC(fit, method = "arellano", type = "HC0", cluster = "group"))
    emit(case, name, model, "cluster:state", "plm-sss", coef(fit), vcovHC(fit, method = "arellano", type = "sss", cluster = "group"))
    if (model %in% c("pooled", "within", "random"))
      emit(case, name, model, "cluster:state+yr", "plm", coef(fit), vcovDC(fit, type = "HC0"))
  }
  dummies <- update(f, . ~ . + factor(state) + factor(yr))
  for (weighted in c(FALSE, TRUE)) {
    data$w <- if (weighted) data$hwy else 1
    for (case in c("lsdv", "pooled")) {
      fit <- lm(if (case == "lsdv") dummies else f, data, weights = w)
      label <- paste0(case, if (weighted) "-weights" else "")
      model <- if (case == "lsdv") "within" else "pooled"
      coefficients <- coef(fit)
      if (case == "lsdv") coefficients <- coefficients[2:5]
      block <- function(v) if (case == "lsdv") v[2:5, 2:5] else v
      emit(label, name, model, "iid", "areg", coefficients, block(vcov(fit)),
           c(nobs = nobs(fit), rss = sum(weights(fit) * residuals(fit)^2), df_residual = df.residual(fit),
             loglik = as.numeric(logLik(fit)), r2 = summary(fit)$r.squared, r2_adjusted = summary(fit)$adj.r.squared))
      emit(label, name, model, "hc0", "areg", coefficients, block(vcovHC(fit, type = "HC0")))
      emit(label, name, model, "hc1", "areg", coefficients, block(vcovHC(fit, type = "HC1")))
      emit(label, name, model, "cluster:state", "areg", coefficients, block(vcovCL(fit, ~state, type = "HC1", cadjust = TRUE)))
    }
  }
  fit <- lmer(update(f, . ~ . + (1 | state)), data, REML = FALSE,
              control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-14, maxfun = 1e5), calc.derivs = FALSE))
  v <- as.data.frame(VarCorr(fit))$vcov
  emit("random-ml", name, "random-ml", "iid", "plm", fixef(fit), as.matrix(vcov(fit)),
       c(nobs = nobs(fit), sigma2_u = v[1], sigma2_e = v[2], loglik = as.numeric(logLik(fit))))
}

cat("{\"tool\": \"", R.version.string, ", plm ", as.character(packageVersion("plm")),
    ", sandwich ", as.character(packageVersion("sandwich")), ", lme4 ", as.character(packageVersion("lme4")), "\",\n", sep = "")
cat("\"command\": \"Rscript munnell.R > munnell.json\",\n\"rows\": [\n")
cat(paste(rows, collapse = ",\n"))
cat("\n]}\n")
