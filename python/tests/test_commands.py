"""The commands beside estimation give what the command line gives."""

import json

import numpy
import pandas
import pytest

import panelyst
from conftest import MUNNELL, ROOT


def same(frame, rows):
    """A frame against rows of JSON: empty cells are `null`, numbers the same to the last digit."""
    found = json.loads(frame.to_json(orient="records", double_precision=15))
    assert len(found) == len(rows)
    for row, (_, values) in zip(rows, frame.iterrows()):
        for key, value in row.items():
            mine = values[key]
            if value is None:
                assert mine is None or mine != mine
            else:
                assert mine == value, key


def test_describe(command_line, munnell):
    words = ["--panel", "state,yr", "--where", "yr >= 1975", "--vars", "gsp, log(emp), unemp"]
    code, answer, error = command_line("describe", MUNNELL, *words, "--format", "json")
    assert code == 0, error
    for data in (munnell, MUNNELL):
        options = {"panel": ("state", "yr"), "where": "yr >= 1975"}
        same(panelyst.describe(data, "gsp, log(emp), unemp", **options), answer)
        same(panelyst.describe(data, ["gsp", "log(emp)", "unemp"], **options), answer)
    code, answer, error = command_line("describe", MUNNELL, "--format", "json")
    same(panelyst.describe(munnell), answer)
    for bad in ({"where": "yr > 3000"}, {"where": "yr >"}, {"variables": "gps"}, {"panel": ("state", "emp")}):
        with pytest.raises(panelyst.Error):
            panelyst.describe(munnell, **bad)
    with pytest.raises(panelyst.DataError, match="no column holds numbers"):
        panelyst.describe(munnell[["state"]])


def test_index(command_line):
    path = ROOT / "examples" / "us-states" / "data" / "public-capital-by-kind.csv"
    words = ["--value", "stock", "--region", "state", "--activity", "kind", "--time", "year", "--format", "json"]
    for name in ("location-quotient", "krugman"):
        code, answer, error = command_line("index", name, path, *words)
        assert code == 0, error
        same(panelyst.index(name, path, "stock", "state", "kind", "year"), answer)
    with pytest.raises(panelyst.UsageError, match="location-quotient"):
        panelyst.index("location-quotent", path, "stock", "state", "kind", "year")
    with pytest.raises(panelyst.DataError):
        panelyst.index("krugman", path, "stock", "state", "kinds", "year")


def test_tests(command_line, munnell):
    formula = "log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp"
    code, answer, error = command_line("test", MUNNELL, formula, "--panel", "state,yr", "--format", "json")
    assert code == 0, error
    found = panelyst.test(formula, munnell, panel=("state", "yr"))
    assert found.astype(object).where(found.notna(), None).to_dict("records") == [
        {**row, "df": row["df"]} for row in answer
    ]
    with pytest.raises(panelyst.UsageError):
        panelyst.test(formula, munnell, panel=None)


def test_audit(command_line):
    paper = ROOT / "examples" / "audit-reference-paper" / "paper.toml"
    code, answer, error = command_line("audit", paper, "--format", "json")
    assert code == 0, error
    found = panelyst.audit(paper)
    assert found.astype(object).where(found.notna(), None).to_dict("records") == answer
    assert found.attrs["summary"]
    with pytest.raises(panelyst.UsageError, match="cannot read"):
        panelyst.audit("nowhere.toml")


def test_run(tmp_path):
    study = ROOT / "examples" / "us-states" / "study.toml"
    done = panelyst.run(study, out=tmp_path / "out")
    assert (tmp_path / "out" / "results.json").exists() and "results.json" in done.files
    assert done.results and done.reading.startswith("#") and "<table" in done._repr_html_()
    assert str(done).count("\n") > 50
    panelyst.run(study, out=tmp_path / "out", locked=True)
    bad = tmp_path / "bad.toml"
    bad.write_text("[study]\ntitel = 'x'\n")
    with pytest.raises(panelyst.UsageError, match="titel"):
        panelyst.run(bad)


def test_frames_of_missing_values(panel):
    panel.loc[0, "x"] = numpy.nan
    found = panelyst.describe(panel, ["x"])
    assert found["obs"][0] == 239 and found["mean"][0] == pytest.approx(panel["x"].mean(), rel=1e-13)
    assert isinstance(found, pandas.DataFrame)
