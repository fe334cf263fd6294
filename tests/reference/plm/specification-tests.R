# Reference numbers of specification tests.
# Run in the folder of this script: Rscript specification-tests.R > specification-tests.csv
# Written with R 4.2.2, plm 2.6.2, nlme 3.1.162, sandwich 3.0.2.
# Unbalanced samples leave out the rows whose number (from 1) is a multiple of 7, and those after the 190th of Grunfeld.
suppressPackageStartupMessages({library(plm); library(nlme)})
options(digits = 17)
emit <- function(data, test, variant, statistic, df1 = NA, df2 = NA, p = NA)
  cat(sprintf("%s,%s,%s,%.17g,%s,%s,%.17g\n", data, test, variant, statistic,
              ifelse(is.na(df1), "", sprintf("%.17g", df1)), ifelse(is.na(df2), "", sprintf("%.17g", df2)), p))
take <- function(data, test, variant, h) {
  df <- if (is.null(h$parameter)) c(NA, NA) else unname(h$parameter)
  emit(data, test, variant, unname(h$statistic), df[1], df[2], unname(h$p.value))
}
battery <- function(name, d, f, index, time_dummies = TRUE) {
  d <- d[order(d[[index[1]]], d[[index[2]]]), ]
  p <- pdata.frame(d, index = index)
  pool <- plm(f, p, model = "pooling")
  wi <- plm(f, p, model = "within", effect = "individual")
  wt <- plm(f, p, model = "within", effect = "time")
  wb <- plm(f, p, model = "within", effect = "twoways")
  re <- plm(f, p, model = "random", effect = "individual")
  take(name, "f", "unit", pFtest(wi, pool))
  take(name, "f", "time", pFtest(wt, pool))
  take(name, "f", "both", pFtest(wb, pool))
  take(name, "f", "unit-both", pFtest(wb, wi))
  take(name, "f", "time-both", pFtest(wb, wt))
  n <- nrow(d)
  rss <- function(m) sum(residuals(m)^2)
  lr <- function(variant, m0, m1, df) {
    s <- n * log(rss(m0) / rss(m1))
    emit(name, "lr", variant, s, df, NA, pchisq(s, df, lower.tail = FALSE))
  }
  N <- length(unique(d[[index[1]]])); T <- length(unique(d[[index[2]]]))
  lr("pooled-unit", pool, wi, N - 1)
  lr("pooled-time", pool, wt, T - 1)
  lr("pooled-both", pool, wb, N + T - 2)
  lr("unit-both", wi, wb, T - 1)
  d$unit__ <- factor(d[[index[1]]])
  ml <- lme(f, random = ~ 1 | unit__, data = d, method = "ML",
            control = lmeControl(msTol = 1e-12, tolerance = 1e-12, msMaxIter = 500, maxIter = 500))
  s <- 2 * (as.numeric(logLik(ml)) - as.numeric(logLik(lm(f, d))))
  emit(name, "lr", "random-ml", s, 1, NA, pchisq(s, 1, lower.tail = FALSE) / 2)
  for (e in c("individual", "time", "twoways")) {
    v <- c(individual = "unit", time = "time", twoways = "both")[[e]]
    take(name, "breusch-pagan", v, plmtest(pool, effect = e, type = "bp"))
    take(name, "honda", v, plmtest(pool, effect = e, type = "honda"))
  }
  take(name, "pesaran-cd", "pooled", pcdtest(pool, test = "cd"))
  take(name, "pesaran-cd", "unit", pcdtest(wi, test = "cd"))
  take(name, "hausman", "classic", phtest(wi, re))
  k <- names(coef(wi)); s2f <- rss(wi) / wi$df.residual
  hausman <- function(variant, wi, re, k, a, b) {
    D <- vcov(wi)[k, k] * a - vcov(re)[k, k] * b
    g <- coef(wi)[k] - coef(re)[k]
    s <- drop(g %*% solve(D, g, tol = 1e-30))
    emit(name, "hausman", variant, s, length(k), NA, pchisq(s, length(k), lower.tail = FALSE))
  }
  s2 <- function(m) sum(m$residuals^2) / m$df.residual
  hausman("sigmamore", wi, re, k, s2(re) / s2(wi), 1)
  hausman("sigmaless", wi, re, k, 1, s2(wi) / s2(re))
  # With as many periods as here against ten units, Swamy-Arora components do not exist for the unbalanced Grunfeld data:
  # its rows with time dummies are absent (and those of plm for the unbalanced Munnell data, which it finds singular).
  p$year__ <- factor(d[[index[2]]])
  g <- update(f, . ~ . + year__)
  wiy <- plm(g, p, model = "within", effect = "individual")
  rey <- try(plm(g, p, model = "random", effect = "individual"), silent = TRUE)
  has_time <- !inherits(rey, "try-error")
  if (has_time)
    hausman("sigmamore: time dummies in both", wiy, rey, k, s2(rey) / s2(wiy), 1)
  # plm cannot estimate the components with means added to an unbalanced panel (collinear between columns), so the
  # random-effects regression with means is written out; sandwich gives its clustered covariance.
  unit <- factor(d[[index[1]]]); Ti <- as.numeric(table(unit))[unit]; avg <- function(x) ave(as.numeric(x), unit)
  means <- function(variant, extra) {
    X0 <- model.matrix(f, d)[, -1]; y <- model.response(model.frame(f, d))
    D <- if (extra) model.matrix(~ factor(d[[index[2]]]))[, -1] else NULL
    M <- apply(X0, 2, avg); colnames(M) <- paste0("mean__", colnames(X0))
    DM <- if (extra && !is.pbalanced(p)) apply(D, 2, avg) else NULL
    X <- cbind(1, X0, D, M, DM); n <- length(y); N <- nlevels(unit)
    B <- apply(X, 2, avg); qb <- qr(B, tol = 1e-9); B <- B[, qb$pivot[seq_len(qb$rank)]]
    Xi <- X[, qb$pivot[seq_len(qb$rank)]]
    w <- lm.fit(cbind(X0, D) - apply(cbind(X0, D), 2, avg), y - avg(y))
    s2e <- sum(w$residuals^2) / (n - N - w$rank)
    b <- lm.fit(B, avg(y))
    if (N <= ncol(B)) return(invisible())
    tr <- sum(diag(solve(crossprod(B), crossprod(rowsum(Xi, unit)))))
    s2u <- max(0, (sum(b$residuals^2) - (N - ncol(B)) * s2e) / (n - tr))
    theta <- 1 - sqrt(s2e / (s2e + Ti * s2u))
    Z <- data.frame(X - theta * apply(X, 2, avg)); names(Z) <- make.names(c("one", colnames(X)[-1]), unique = TRUE)
    fit <- lm(I(y - theta * avg(y)) ~ . - 1, Z)
    added <- grep("^mean__", names(coef(fit)))
    V <- sandwich::vcovCL(fit, cluster = unit, type = "HC1")[added, added]
    s <- drop(coef(fit)[added] %*% solve(V, coef(fit)[added], tol = 1e-30))
    emit(name, "hausman", variant, s, length(added), NA, pchisq(s, length(added), lower.tail = FALSE))
  }
  means("mundlak", FALSE)
  means("mundlak: time dummies in both", TRUE)
  if (min(table(d[[index[1]]])) > length(k) + 1) {
    np <- pvcm(f, p, model = "within")
    take(name, "poolability", "slopes", pooltest(wi, np))
    take(name, "poolability", "intercepts and slopes", pooltest(pool, np))
  }
}
cat("data,test,variant,statistic,df1,df2,p_value\n")
g <- read.csv("../../canonical/grunfeld.csv")
g <- g[g$firm != "American Steel", ]
m <- read.csv("../../canonical/munnell.csv")
fg <- invest ~ value + capital
fm <- log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp
battery("grunfeld", g, fg, c("firm", "year"))
battery("grunfeld-unbalanced", g[seq_len(nrow(g)) %% 7 != 0 & seq_len(nrow(g)) <= 190, ], fg, c("firm", "year"))
battery("munnell", m, fm, c("state", "yr"))
battery("munnell-unbalanced", m[seq_len(nrow(m)) %% 7 != 0, ], fm, c("state", "yr"))
