"""Reference values of the indices, in exact rational arithmetic where the formula is rational.

Run with plain Python 3, no packages:  python3 generate.py
Writes input.csv (a table of integers, made by a congruential rule so that it can be made again anywhere) and
expected.csv (index, column, region, activity, time, value with 17 significant digits).
Only the standard modules csv, fractions, math and platform are used; logarithms (Theil) are the one inexact step, and
their terms are added with math.fsum.
"""

import csv
import math
import platform
from fractions import Fraction

REGIONS = ["R%02d" % i for i in range(7)]
ACTIVITIES = ["A%02d" % a for a in range(5)]
TIMES = [2001, 2002, 2003]
GROUP = {r: ["north", "south", "west"][i % 3] for i, r in enumerate(REGIONS)}


def make():
    state = 12345
    x = {}
    for t in TIMES:
        for r in REGIONS:
            for a in ACTIVITIES:
                state = (1103515245 * state + 12345) % 2**31
                draw = state // 65536 % 1000
                if draw < 60:
                    continue  # no row
                x[r, a, t] = 0 if draw < 120 else draw * draw // 7 + 1
    return x


def plants(a, t):
    """Plant Herfindahl indices, exact in binary."""
    return Fraction(1 + ACTIVITIES.index(a), 32) + Fraction(TIMES.index(t), 64)


def digits(value):
    if isinstance(value, Fraction):
        value = value.numerator / value.denominator  # correctly rounded
    return "%.17g" % value


def main():
    x = make()
    rows = []

    def add(index, column, r, a, t, value):
        rows.append([index, column, r, a, t, digits(value)])

    for t in TIMES:
        cell = lambda r, a: Fraction(x.get((r, a, t), 0))
        xr = {r: sum(cell(r, a) for a in ACTIVITIES) for r in REGIONS}
        xa = {a: sum(cell(r, a) for r in REGIONS) for a in ACTIVITIES}
        total = sum(xr.values())
        w = {r: xr[r] / total for r in REGIONS}
        assert all(xr.values()) and all(xa.values())
        for r in REGIONS:
            share = {a: cell(r, a) / xr[r] for a in ACTIVITIES}
            add("herfindahl", "herfindahl", r, "", t, sum(s * s for s in share.values()))
            add("krugman", "krugman", r, "", t, sum(abs(share[a] - xa[a] / total) for a in ACTIVITIES))
            for a in ACTIVITIES:
                if (r, a, t) in x:
                    add("location-quotient", "location_quotient", r, a, t, share[a] / (xa[a] / total))
        for a in ACTIVITIES:
            s = {r: cell(r, a) / xa[a] for r in REGIONS}
            add("concentration", "concentration", "", a, t, sum(v * v for v in s.values()))
            gini = sum(w[i] * w[j] * abs(s[i] / w[i] - s[j] / w[j]) for i in REGIONS for j in REGIONS) / 2
            add("locational-gini", "locational_gini", "", a, t, gini)
            term = lambda p, q: float(p) * math.log(float(p / q)) if p else 0.0
            add("theil", "theil", "", a, t, math.fsum(term(s[r], w[r]) for r in REGIONS))
            between, within = [], []
            for g in sorted(set(GROUP.values())):
                members = [r for r in REGIONS if GROUP[r] == g]
                sg, wg = sum(s[r] for r in members), sum(w[r] for r in members)
                between.append(term(sg, wg))
                if sg:
                    within.append(float(sg) * math.fsum(term(s[r] / sg, w[r] / wg) for r in members))
            add("theil", "theil_between", "", a, t, math.fsum(between))
            add("theil", "theil_within", "", a, t, math.fsum(within))
            h = plants(a, t)
            raw = sum((s[r] - w[r]) ** 2 for r in REGIONS)
            spread = 1 - sum(v * v for v in w.values())
            add("ellison-glaeser", "ellison_glaeser", "", a, t, (raw - spread * h) / (spread * (1 - h)))

    with open("input.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["region", "activity", "year", "amount", "group", "plants"])
        for (r, a, t), value in x.items():
            writer.writerow([r, a, t, value, GROUP[r], digits(plants(a, t))])
    with open("expected.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["index", "column", "region", "activity", "year", "value"])
        writer.writerows(rows)
    with open("VERSION", "w") as out:
        out.write("python3 generate.py, Python %s\n" % platform.python_version())


main()
