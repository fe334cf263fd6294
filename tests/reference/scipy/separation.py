"""Separated rows of random counts, by a linear programme.

A row with outcome zero is separated if some combination of regressors, effects and constant is zero on every row with a
positive outcome, nowhere negative on the others, and positive there (Correia, Guimaraes and Zylkin 2019, proposition 2).
The programme looks for the combination that is positive on as many rows as possible.

Run in this folder: python separation.py > separation.csv   (scipy 1.17.1 with its HiGHS, numpy 2.4.6)
The first column numbers the designs; the second says which of the effects g and t are in the model. Kept are designs with
separated rows among the first 200, and number 504, in which Newton's steps stand still before the separated row is seen.
"""

import numpy as np
from scipy.optimize import linprog

random = np.random.default_rng(5)
print("design,effects,y,g,t,x0,x1,x2,separated")
for design in range(505):
    n, groups, times = int(random.integers(25, 90)), int(random.integers(2, 7)), int(random.integers(2, 6))
    k = int(random.integers(1, 4))
    g, t = random.integers(0, groups, n), random.integers(0, times, n)
    kind = random.integers(0, 3)
    if kind == 0:
        x = random.integers(-1, 2, (n, k)).astype(float)
    elif kind == 1:
        x = (random.random((n, k)) < 0.15).astype(float)
    else:
        x = np.where(random.random((n, k)) < 0.3, random.normal(size=(n, k)), 0)
    y = random.poisson(np.exp(random.normal(-1.2, 0.5, n)))
    if y.sum() < 3:
        continue
    effects = random.integers(0, 4)
    parts = [x, np.ones((n, 1))]
    if effects & 1:
        parts.append((g[:, None] == np.arange(groups)).astype(float))
    if effects & 2:
        parts.append((t[:, None] == np.arange(times)).astype(float))
    if design >= 200 and design != 504:
        continue
    matrix = np.hstack(parts)
    zero = np.flatnonzero(y == 0)
    width, rows = matrix.shape[1], len(zero)
    # The largest sum of parts of a combination's values, each part at most one.
    found = linprog(
        np.r_[np.zeros(width), -np.ones(rows)],
        A_ub=np.hstack([-matrix[zero], np.eye(rows)]),
        b_ub=np.zeros(rows),
        A_eq=np.hstack([matrix[y > 0], np.zeros(((y > 0).sum(), rows))]),
        b_eq=np.zeros((y > 0).sum()),
        bounds=[(None, None)] * width + [(0, 1)] * rows,
    )
    separated = np.zeros(n, dtype=int)
    separated[zero] = found.x[width:] > 1e-6
    if not separated.any():
        continue
    x = np.hstack([x, np.zeros((n, 3 - k))])
    for row in range(n):
        values = ",".join(f"{value:.17g}" for value in x[row])
        print(f"{design},{' + '.join(n for n, bit in (('g', 1), ('t', 2)) if effects & bit)},{y[row]},{g[row]},{t[row]},{values},{separated[row]}")
