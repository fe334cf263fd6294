"""Data of the benchmarks: seeded designs, written as Parquet or CSV into a folder that git ignores.

    python benches/designs.py difficult 1000000            one design, Parquet
    python benches/designs.py difficult 1000000 --csv      the same rows as CSV

The designs are written from their published descriptions.

simple, difficult              ten years of n/10 individuals, sorted by individual and year; one firm for about 23 individuals.
                               The firm of a row is drawn at random (simple), or firms are dealt in turn by row number
                               (difficult), so that firms and individuals form a slowly mixing lattice.
simple-shuffled, ...           the same rows in random order.
simple-original                individual, firm and year each drawn at random: n/20 individuals, n/160 firms, n^0.3 years.
difficult-original             the same, but the firm lies in a window of 21 that moves with the individual.
worker-firm                    matched employer-employee panel with low mobility: ten years of n/10 workers; a worker moves in
                               4 years of 100, mostly to a firm nearby; a few groups of firms exchange no worker with the rest.
panel434                       31 provinces, 14 years, four regressors.
stream                         for files larger than memory: a million units (fewer below 1e8 rows), one row per unit and
                               period, ordered by period; a second effect of 1000 levels drawn at random.

Columns: keys are int64, values float64. Outcome y = x1 + 0.05 x2 + effects + noise with x1 normal and x2 = x1^2;
exp_y = exp(y) for Poisson; x3 .. x10 are noise for several models in one call; endo and z are an endogenous regressor and its
instrument, y_iv the outcome it enters.
"""

import argparse
import math
import pathlib
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

CACHE = pathlib.Path(__file__).resolve().parent / "cache"
SEED = 20261122
STREAM_CHUNK = 1_000_000


def generator(design, rows, part=0):
    """The random numbers of a design at a size; `part` numbers the pieces of one that is written in pieces."""
    return np.random.default_rng([SEED, zlib.crc32(design.encode()), rows, part])


def outcomes(rng, effects):
    """The columns that all designs share, given {name: codes from 0}."""
    rows = len(next(iter(effects.values())))
    x1 = rng.standard_normal(rows)
    x2 = x1 * x1
    noise = rng.standard_normal(rows)
    absorbed = np.zeros(rows)
    for codes in effects.values():
        absorbed += rng.standard_normal(int(codes.max()) + 1)[codes]
    columns = {name: codes.astype(np.int64) + 1 for name, codes in effects.items()}
    y = x1 + 0.05 * x2 + absorbed + noise
    columns |= {"y": y, "exp_y": np.exp(y), "x1": x1, "x2": x2}
    for j in range(3, 11):
        columns[f"x{j}"] = rng.standard_normal(rows)
    z = rng.standard_normal(rows)
    endo = 0.7 * z + 0.5 * noise + rng.standard_normal(rows)
    columns |= {"z": z, "endo": endo, "y_iv": endo + 0.05 * x2 + absorbed + noise}
    return columns


def community(design, rows, rng):
    years = 10
    individuals = max(1, rows // years)
    firms = max(2, round(individuals / 23))
    row = np.arange(individuals * years)
    if design.startswith("simple"):
        firm = rng.integers(0, firms, row.size)
    else:
        firm = row % firms
    return {"indiv_id": row // years, "year": row % years, "firm_id": firm}


def original(design, rows, rng):
    individuals = max(1, round(rows / 20))
    firms = max(1, round(rows / 160))
    years = max(1, round(rows**0.3))
    indiv = rng.integers(0, individuals, rows)
    if design.startswith("simple"):
        firm = rng.integers(0, firms, rows)
    else:
        firm = np.clip(indiv // 8 - 10 + rng.integers(0, 21, rows), 0, firms - 1)
    return {"indiv_id": indiv, "year": rng.integers(0, years, rows), "firm_id": firm}


def worker_firm(rows, rng):
    years, moves, nearby, far = 10, 0.04, 10, 0.02
    workers = max(20, rows // years)
    firms = max(2, workers // 12)
    # Firms lie on a line. One in fifty of them, at its end, form islands of three that exchange no worker with the rest.
    mainland = max(2, firms - 3 * (firms // 150))
    size = rng.lognormal(0.0, 0.8, firms)
    # At least one worker begins in each firm, so that few firms are left with one row.
    start = np.concatenate([np.arange(firms), rng.choice(firms, workers - firms, p=size / size.sum())])
    rng.shuffle(start)
    at = start.copy()
    island = np.maximum(at - mainland, 0) // 3
    firm = np.empty((workers, years), dtype=np.int64)
    for year in range(years):
        if year:
            mover = rng.random(workers) < moves
            step = rng.integers(1, nearby + 1, workers) * rng.choice([-1, 1], workers)
            near = np.clip(at + step, 0, mainland - 1)
            anywhere = rng.integers(0, mainland, workers)
            to = np.where(rng.random(workers) < far, anywhere, near)
            home = np.minimum(mainland + 3 * island + rng.integers(0, 3, workers), firms - 1)
            at = np.where(mover, np.where(start < mainland, to, home), at)
        firm[:, year] = at
    row = np.arange(workers * years)
    return {"worker_id": row // years, "firm_id": firm.ravel(), "year": row % years}


def panel434(rng):
    provinces, years = 31, 14
    row = np.arange(provinces * years)
    province, year = row // years, row % years
    unit, period = rng.standard_normal(provinces), rng.standard_normal(years)
    columns = {"province": province.astype(np.int64) + 1, "year": year.astype(np.int64) + 2010}
    y = unit[province] + period[year] + 0.3 * rng.standard_normal(row.size)
    for j, slope in enumerate([0.5, -0.2, 0.1, 0.05], start=1):
        x = rng.standard_normal(row.size) + 0.5 * unit[province] + 0.3 * period[year]
        columns[f"x{j}"] = x
        y = y + slope * x
    return {"province": columns.pop("province"), "year": columns.pop("year"), "y": y} | columns


def stream_parts(rows):
    """The pieces of the design for files larger than memory, each a mapping of columns."""
    units = min(1_000_000, max(10, rows // 100))
    groups = 1000
    rng = generator("stream", rows)
    unit_effect, group_effect = rng.standard_normal(units), rng.standard_normal(groups)
    for part, begin in enumerate(range(0, rows, STREAM_CHUNK)):
        rng = generator("stream", rows, part + 1)
        row = np.arange(begin, min(begin + STREAM_CHUNK, rows))
        # A multiplier without common factors with the number of units: all units once a period, in a scattered order.
        unit = (row % units) * scatter(units) % units
        group = rng.integers(0, groups, row.size)
        x1 = rng.standard_normal(row.size)
        x2 = x1 * x1
        y = x1 + 0.05 * x2 + unit_effect[unit] + group_effect[group] + rng.standard_normal(row.size)
        yield {"unit_id": unit + 1, "group_id": group + 1, "y": y, "x1": x1, "x2": x2}


def scatter(units):
    multiplier = int(units * 0.618)
    while math.gcd(multiplier, units) != 1:
        multiplier += 1
    return multiplier


def parts(design, rows):
    """The columns of a design in one or more pieces."""
    if design == "stream":
        yield from stream_parts(rows)
        return
    rng = generator(design.removesuffix("-shuffled"), rows)
    if design == "panel434":
        yield panel434(rng)
        return
    if design.endswith("-original"):
        effects = original(design, rows, rng)
    elif design == "worker-firm":
        effects = worker_firm(rows, rng)
    elif design.removesuffix("-shuffled") in ("simple", "difficult"):
        effects = community(design, rows, rng)
    else:
        raise SystemExit(f"there is no design named {design}")
    columns = outcomes(rng, effects)
    if design.endswith("-shuffled"):
        order = generator("order", rows).permutation(len(columns["y"]))
        columns = {name: values[order] for name, values in columns.items()}
    yield columns


def data(design, rows, csv=False, columns=None):
    """The path of a design's file, written if it is not there; a CSV holds `columns` only."""
    CACHE.mkdir(exist_ok=True)
    subset = f"-{len(columns)}-columns" if csv and columns else ""
    path = CACHE / f"{design}-{rows}{subset}.{'csv' if csv else 'parquet'}"
    if path.exists():
        return path
    unfinished = path.with_suffix(".tmp")
    writer = None
    for piece in parts(design, rows):
        if csv:
            piece = {name: piece[name] for name in columns or piece}
        table = pa.table(piece)
        if writer is None and csv:
            writer = pyarrow.csv.CSVWriter(unfinished, table.schema)
        elif writer is None:
            writer = pyarrow.parquet.ParquetWriter(unfinished, table.schema, compression="snappy")
        writer.write_table(table)
    writer.close()
    unfinished.rename(path)
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("design")
    parser.add_argument("rows", type=lambda text: int(float(text)))
    parser.add_argument("--csv", action="store_true")
    options = parser.parse_args()
    print(data(options.design, options.rows, options.csv))
