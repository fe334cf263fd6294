# fixest, where R has it (install.packages(c("fixest", "data.table", "jsonlite"))). The protocol is that of protocol.py;
# the task's `csv` is the same data as its Parquet file, read before the clock starts.
suppressPackageStartupMessages({
  library(fixest)
  library(data.table)
  library(jsonlite)
})
task <- fromJSON(commandArgs(trailingOnly = TRUE)[1], simplifyVector = TRUE)
setFixest_nthreads(task$threads)
setFixest_notes(FALSE)
setDTthreads(task$threads)
frame <- fread(task$csv, select = task$columns, data.table = FALSE)
formula <- as.formula(task$formula)
cluster <- as.formula(paste("~", task$cluster))
memory <- function(field) {
  if (!file.exists("/proc/self/status")) return(NULL)
  line <- grep(paste0("^", field), readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}
say <- function(x) {
  cat(toJSON(x, auto_unbox = TRUE, digits = NA, null = "null"), "\n", sep = "")
  flush(stdout())
}
invisible(gc())
try(writeLines("5", "/proc/self/clear_refs"), silent = TRUE)
base <- memory("VmRSS:")
options <- list(formula, data = frame, cluster = cluster, lean = TRUE)
if (task$tight) options$fixef.tol <- 1e-12
call <- if (task$family == "poisson") fepois else feols
say(list(ready = TRUE, versions = list(fixest = as.character(packageVersion("fixest")), R = R.version$version.string)))
input <- file("stdin", "r")
while (length(readLines(input, n = 1)) == 1) {
  invisible(gc())
  start <- proc.time()[["elapsed"]]
  for (i in seq_len(task$inner)) fits <- do.call(call, options)
  seconds <- (proc.time()[["elapsed"]] - start) / task$inner
  peak <- memory("VmHWM:")
  if (inherits(fits, "fixest")) fits <- list(fits)
  models <- lapply(seq_along(fits), function(i) {
    list(nobs = nobs(fits[[i]]), coefficients = as.list(coef(fits[[i]])), std_errors = as.list(se(fits[[i]])))
  })
  say(list(seconds = seconds, base_mb = base, peak_mb = peak, models = models))
}
