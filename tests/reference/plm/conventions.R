# One model under plm's rules on Munnell's panel: errors, degrees of freedom and p-values of HC0 and sss, all rows and without
# the rows of ../munnell/dropped_rows.csv. Run in this folder: Rscript conventions.R > conventions.csv
suppressPackageStartupMessages(library(plm))
number <- function(x) sprintf("%.17g", x)
all_rows <- read.csv("../../canonical/munnell.csv")
dropped <- read.csv("../munnell/dropped_rows.csv")$row
samples <- list(balanced = all_rows, unbalanced = all_rows[-(dropped + 1), ])
f <- log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp
cat("# ", R.version.string, ", plm ", as.character(packageVersion("plm")), "\n", sep = "")
cat("sample,model,vcov,convention,term,estimate,std_error,df,p\n")
for (sample in names(samples)) for (model in c("within1", "within2")) {
  fit <- plm(f, pdata.frame(samples[[sample]], index = c("state", "yr")), model = "within",
             effect = if (model == "within1") "individual" else "twoways")
  for (convention in c("plm", "plm-sss")) for (vcov in c("iid", "cluster:state")) {
    v <- if (vcov == "iid") vcov(fit) else vcovHC(fit, method = "arellano", cluster = "group",
                                                type = if (convention == "plm") "HC0" else "sss")
    table <- summary(fit, vcov = v)$coefficients
    for (term in rownames(table))
      cat(sample, model, vcov, convention, term, number(table[term, 1]), number(table[term, 2]),
          number(df.residual(fit)), paste0(number(table[term, 4]), "\n"), sep = ",")
  }
}
