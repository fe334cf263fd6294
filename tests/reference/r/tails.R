# Tail probabilities of R. Run in this folder: Rscript tails.R > tails.csv
# One line each: distribution, argument, first and second degrees of freedom, upper tail (t and normal: two-sided).
cat("# ", R.version.string, "\n", sep = "")
cat("distribution,x,df1,df2,p\n")
row <- function(d, x, a, b, p) cat(sprintf("%s,%.17g,%.17g,%.17g,%.17g\n", d, x, a, b, p))
for (z in c(0.1, 1, 1.959963984540054, 3, 8, 20, 37)) row("normal", z, 0, 0, 2 * pnorm(-z))
for (df in c(1, 2, 3, 10, 30, 100, 811, 1e4, 1e6, 1e8))
  for (t in c(0.01, 0.5, 1.96, 4, 12, 36)) row("t", t, df, 0, 2 * pt(-t, df))
row("t", 1e60, 5, 0, 2 * pt(-1e60, 5))
for (a in c(1, 2, 9, 47, 500)) for (b in c(3, 30, 188, 764, 1e5))
  for (x in c(0.2, 1, 2.5, 49, 700)) row("F", x, a, b, pf(x, a, b, lower.tail = FALSE))
for (a in c(1, 2, 4, 19, 47, 1000)) for (x in c(0.1, 1, 3.84, 9.5, 50, 240, 1300)) row("chi2", x, a, 0, pchisq(x, a, lower.tail = FALSE))
for (df in c(1, 2, 5, 29, 416, 1e6)) row("t-quantile", qt(0.975, df), df, 0, 0.05)
row("normal-quantile", qnorm(0.975), 0, 0, 0.025)
