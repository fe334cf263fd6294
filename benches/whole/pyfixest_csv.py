"""CSV to a printed table with pyfixest: FILE FORMULA CLUSTER. pandas reads the file with Arrow's reader."""

import sys

import pandas
import pyfixest

path, formula, cluster = sys.argv[1:]
frame = pandas.read_csv(path, engine="pyarrow")
fit = pyfixest.feols(
    formula, frame, vcov={"CRV1": cluster}, demeaner=pyfixest.LsmrDemeaner(), copy_data=False, store_data=False
)
print(fit.tidy())
