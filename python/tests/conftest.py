"""Data and the command line for all tests."""

import json
import os
import pathlib
import subprocess

import numpy
import pandas
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MUNNELL = ROOT / "tests" / "canonical" / "munnell.csv"
REFERENCE = ROOT / "tests" / "reference"
TWO_WAY = "log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp | state + yr"


def binary():
    """The command line: named by the environment, else the newest one that was built here."""
    if os.environ.get("PANELYST_BINARY"):
        return pathlib.Path(os.environ["PANELYST_BINARY"])
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [path for path in (target / "debug" / "panelyst", target / "release" / "panelyst") if path.exists()]
    return max(built, key=lambda path: path.stat().st_mtime, default=None)


@pytest.fixture(scope="session")
def command_line():
    """Runs the command line: its exit code, its JSON where there is any, and its error."""
    found = binary()
    if found is None:
        pytest.skip("the command line is not built")

    def call(*words):
        done = subprocess.run(
            [str(found), *map(str, words)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "NO_COLOR": "1"},
        )
        answer = json.loads(done.stdout) if done.stdout.strip() and "json" in words else done.stdout
        return done.returncode, answer, done.stderr

    return call


@pytest.fixture(scope="session")
def munnell():
    return pandas.read_csv(MUNNELL)


@pytest.fixture()
def panel():
    """A small panel with a few awkward columns."""
    random = numpy.random.default_rng(20261126)
    rows = 240
    unit, year = numpy.repeat(numpy.arange(24), 10), numpy.tile(numpy.arange(2000, 2010), 24)
    x = random.normal(size=rows)
    y = 0.5 * x + random.normal(size=24)[unit] + random.normal(size=10)[year - 2000] + random.normal(size=rows)
    return pandas.DataFrame(
        {"y": y, "x": x, "z": random.normal(size=rows), "unit": unit, "year": year, "weight": random.uniform(1, 2, rows)}
    )
