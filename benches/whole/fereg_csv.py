"""CSV to a printed table with fereg: FILE FORMULA CLUSTER. polars reads the file; it is the fastest reader that fereg takes."""

import sys

import fereg
import polars

path, formula, cluster = sys.argv[1:]
fit = fereg.feols(formula, polars.read_csv(path), vcov={"CRV1": cluster}, copy_data=False, store_data=False)
print(fit.tidy())
