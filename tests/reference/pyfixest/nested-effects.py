"""K of pyfixest's clustered errors with two effects: by the seed of Python's string hashes, and by blanks in the formula.

Run in this folder: python nested-effects.py > nested-effects.csv
Written with pyfixest 0.60.0, pandas 3.1.1, numpy 2.4.6.

pyfixest's rule is that of fixest: K counts the levels of effects that are not nested in the clusters. But the columns of effects
come in the order of a set of names, which depends on PYTHONHASHSEED, and are compared with the names in the order of the
formula. Where the orders differ and the name of an effect is that of the clusters, both effects count as nested, one by its
name and one by its values, and the periods are not counted. With blanks, `state + yr`, as in the other scripts here, no name
is equal, and the values alone decide: K is right in every process.
"""

import os
import subprocess
import sys

ONE = """
import sys, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd, pyfixest as pf
data = pd.read_csv("../../canonical/munnell.csv")
data["l_gsp"] = np.log(data["gsp"])
fit = pf.feols("l_gsp ~ unemp | " + sys.argv[1], data, vcov={"CRV1": "state"}, fixef_tol=1e-14)
print(int(fit._df_k), f"{fit.coef()['unemp']:.17g}", f"{fit.se()['unemp']:.17g}", sep=",")
"""

print("seed,effects,k,estimate,std_error", flush=True)
for seed in range(2):
    for effects in ["state+yr", "state + yr"]:
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        command = [sys.executable, "-c", ONE, effects]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        print(seed, effects, run.stdout.strip(), sep=",", flush=True)
