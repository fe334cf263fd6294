"""pyfixest on a pandas frame. `--demeaner map`: alternating projections in Rust, its default; `lsmr`: the `within` solver."""

import sys

import protocol

task = protocol.read_task()
frame = protocol.read_frame(task)
import pyfixest  # noqa: E402
from pyfixest.demeaners import LsmrDemeaner, MapDemeaner  # noqa: E402

if "lsmr" in sys.argv:
    demeaner = LsmrDemeaner(fixef_atol=1e-13, fixef_btol=1e-13) if task["tight"] else LsmrDemeaner()
else:
    demeaner = MapDemeaner(fixef_tol=1e-12, fixef_maxiter=100_000) if task["tight"] else MapDemeaner()

options = {
    "vcov": {"CRV1": task["cluster"]},
    "demeaner": demeaner,
    "copy_data": False,
    "store_data": False,
    "lean": True,
}
call = pyfixest.fepois if task["family"] == "poisson" else pyfixest.feols


def estimate():
    return call(task["formula"], frame, **options)


protocol.serve(task, ["pyfixest"], estimate, protocol.pyfixest_numbers)
