# Newey-West and Driscoll-Kraay errors of plm on a panel with gaps: two periods that no unit has, and single rows that are
# missing. Both take the periods that occur as if none was missing between them: numbering the periods that occur changes
# nothing, which this script checks. Run in this folder: Rscript lags.R > lags.json   (writes lags.csv too; plm 2.6.2, R 4.2.2)
suppressMessages(library(plm))
set.seed(1)
d <- expand.grid(time = 1:12, id = 1:20)
d$x <- rnorm(nrow(d))
d$y <- d$x + rnorm(nrow(d)) + rep(rnorm(20), each = 12)
d$x <- d$x + 0.5 * c(0, d$x[-nrow(d)])
d <- d[!(d$time %in% c(4, 5)), ]
d <- d[!(d$id %% 3 == 0 & d$time == 8) & !(d$id %% 4 == 1 & d$time == 2), ]
write.csv(transform(d, x = sprintf("%.17g", x), y = sprintf("%.17g", y)), "lags.csv", row.names = FALSE, quote = FALSE)
d <- read.csv("lags.csv")
ranks <- transform(d, time = match(time, sort(unique(time))))
model <- function(d) plm(y ~ x, data = pdata.frame(d, index = c("id", "time")), model = "within")
se <- function(v) sprintf("%.17g", sqrt(v[1, 1]))
stopifnot(se(vcovNW(model(d), maxlag = 2)) == se(vcovNW(model(ranks), maxlag = 2)))
stopifnot(se(vcovSCC(model(d), maxlag = 2)) == se(vcovSCC(model(ranks), maxlag = 2)))
cat(sprintf('{"newey-west:2": %s, "driscoll-kraay:2": %s}\n',
            se(vcovNW(model(d), maxlag = 2)), se(vcovSCC(model(d), maxlag = 2))))
