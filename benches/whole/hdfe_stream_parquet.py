"""Parquet to a printed table with hdfe-stream, out of core: FILE FORMULA CLUSTER GIGABYTES THREADS.

A quarter of the memory for its reduced system, as is its default, and buckets that fit beside it; no file of residuals.
"""

import sys
import tempfile

import hdfe_stream

path, formula, cluster, gigabytes, threads = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    fit = hdfe_stream.feols_stream(
        formula,
        path,
        workdir=folder,
        vcov={"CRV1": cluster},
        max_s_gb=float(gigabytes) / 4,
        rows_per_bucket=int(float(gigabytes) * 2_500_000),
        batch_rows=1_000_000,
        n_threads=int(threads),
        save_resid=False,
        verbose=False,
    )
    print(fit.tidy())
