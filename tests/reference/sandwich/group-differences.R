# Equality of coefficients between groups of states by seemingly unrelated estimation, and Holm's correction over the pairs.
# Run in this folder: Rscript group-differences.R > group-differences.csv
#
# Each group is estimated alone by lm() with explicit dummies. With estfun() and bread() of the sandwich package the influence
# of row i on the coefficients is bread estfun_i / n; the influences of both groups are put one above the other, summed over
# the clusters of both groups together and multiplied by themselves, times G/(G-1) with G the clusters of both. The difference
# of a coefficient over its error is compared with the normal distribution. Holm: p.adjust() over the three pairs.
# State number i (from 0, sorted by name) is in group "abc"[i % 3]; the unbalanced sample leaves out the rows whose number (from 1)
# is a multiple of 7.
suppressPackageStartupMessages(library(sandwich))
number <- function(x) sprintf("%.17g", x)
data <- read.csv("../../canonical/munnell.csv")
i <- match(data$state, sort(unique(data$state))) - 1
data$group <- c("a", "b", "c")[i %% 3 + 1]
samples <- list(balanced = data, unbalanced = data[seq_len(nrow(data)) %% 7 != 0, ])
terms <- c("log(p_cap)", "log(pc)", "log(emp)", "unemp")
right <- paste(terms, collapse = " + ")
effects <- c(none = "", unit = " + factor(state)", both = " + factor(state) + factor(yr)")
pairs <- list(c("a", "b"), c("a", "c"), c("b", "c"))
cat("# ", R.version.string, ", sandwich ", as.character(packageVersion("sandwich")), "\n", sep = "")
cat("data,effects,weights,cluster,term,first,second,estimate_first,estimate_second,std_error,p_value,p_holm\n")
for (sample in names(samples)) for (name in names(effects)) for (weights in c("none", "hwy")) for (by in c("state", "yr")) {
  rows <- samples[[sample]]
  alone <- lapply(c(a = "a", b = "b", c = "c"), function(g) {
    d <- rows[rows$group == g, ]
    d$w <- if (weights == "hwy") d$hwy else 1
    fit <- lm(as.formula(paste("log(gsp) ~", right, effects[[name]])), d, weights = w)
    influence <- estfun(fit) %*% bread(fit) / nrow(d)
    list(b = coef(fit)[terms], influence = influence[, terms], cluster = as.character(d[[by]]))
  })
  p <- matrix(NA, 3, length(terms))
  out <- matrix("", 3, length(terms))
  for (pair in 1:3) {
    first <- alone[[pairs[[pair]][1]]]
    second <- alone[[pairs[[pair]][2]]]
    none <- function(m) matrix(0, nrow(m), ncol(m))
    stacked <- rbind(cbind(first$influence, none(first$influence)), cbind(none(second$influence), second$influence))
    sums <- rowsum(stacked, c(first$cluster, second$cluster))
    G <- nrow(sums)
    V <- G / (G - 1) * crossprod(sums)
    for (t in seq_along(terms)) {
      u <- t + length(terms)
      se <- sqrt(V[t, t] + V[u, u] - 2 * V[t, u])
      z <- (first$b[[t]] - second$b[[t]]) / se
      p[pair, t] <- 2 * pnorm(-abs(z))
      out[pair, t] <- paste(sample, name, weights, by, terms[t], pairs[[pair]][1], pairs[[pair]][2],
                            number(first$b[[t]]), number(second$b[[t]]), number(se), number(p[pair, t]), sep = ",")
    }
  }
  for (t in seq_along(terms)) {
    holm <- p.adjust(p[, t], "holm")
    for (pair in 1:3) cat(out[pair, t], ",", number(holm[pair]), "\n", sep = "")
  }
}
