"""Where columns come from: the same bits from every frame, and no copy of numbers."""

import datetime

import numpy
import pandas
import pytest

import panelyst
from conftest import MUNNELL, TWO_WAY
from panelyst import _frames

polars = pytest.importorskip("polars")
pyarrow = pytest.importorskip("pyarrow")


def frames(munnell):
    import pyarrow.parquet  # noqa: F401

    yield "pandas", munnell
    yield "polars", polars.from_pandas(munnell)
    yield "lazy polars", polars.from_pandas(munnell).lazy()
    yield "pyarrow", pyarrow.Table.from_pandas(munnell)
    yield "pyarrow in pieces", pyarrow.concat_tables(
        [pyarrow.Table.from_pandas(munnell[:100]), pyarrow.Table.from_pandas(munnell[100:])]
    )
    yield "dict", {name: munnell[name].to_numpy() for name in munnell}
    yield "reader", pyarrow.Table.from_pandas(munnell).to_reader()
    yield "path", MUNNELL
    yield "path as text", str(MUNNELL)


def test_every_frame_gives_the_same_bits(munnell):
    expected = panelyst.feols(TWO_WAY, munnell, vcov="cluster:state").tidy()
    for name, frame in frames(munnell):
        found = panelyst.feols(TWO_WAY, frame, vcov="cluster:state")
        pandas.testing.assert_frame_equal(found.tidy(), expected, check_exact=True, obj=name)
        # A column that the formula does not name is still there.
        assert found.with_vcov("cluster:st_abb").se().notna().all(), name


def test_duckdb_relations(munnell):
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.from_df(munnell)
    expected = panelyst.feols(TWO_WAY, munnell, vcov="cluster:state").tidy()
    found = panelyst.feols(TWO_WAY, relation, vcov="cluster:state")
    pandas.testing.assert_frame_equal(found.tidy(), expected, check_exact=True)
    assert panelyst.describe(relation, "gsp")["obs"][0] == 816


def test_numbers_are_not_copied():
    values = numpy.arange(10.0)
    frame = pandas.DataFrame({"x": values, "n": numpy.arange(10)}, copy=False)
    for name in ("x", "n"):
        data, _ = _frames.to_data(frame, [name])
        assert data.addresses() == [frame[name].to_numpy().ctypes.data]
    table = polars.DataFrame({"x": values})
    data, _ = _frames.to_data(table, ["x"])
    assert data.addresses() == [table["x"].to_arrow().buffers()[1].address]
    arrow = pyarrow.table({"x": values})
    data, _ = _frames.to_data(arrow, ["x"])
    assert data.addresses() == [arrow["x"].chunk(0).buffers()[1].address]


def test_the_frame_lives_as_long_as_it_is_looked_at():
    import gc

    frame = pandas.DataFrame({"y": numpy.random.default_rng(1).normal(size=100_000)})
    frame["x"] = frame["y"] ** 2
    fit = panelyst.feols("y ~ x", frame)
    first = fit.with_vcov("hc3").se()
    del frame
    gc.collect()
    _ = [numpy.random.default_rng(2).normal(size=100_000) for _ in range(20)]
    pandas.testing.assert_series_equal(fit.with_vcov("hc3").se(), first, check_exact=True)


def test_what_is_lent_is_given_back(panel):
    import gc

    from panelyst import _arrow

    gc.collect()
    before = len(_arrow._ALIVE)
    fit = panelyst.feols("y ~ x | unit", panel)
    assert len(_arrow._ALIVE) > before
    del fit
    gc.collect()
    assert len(_arrow._ALIVE) == before


@pytest.mark.skipif(int(pandas.__version__.split(".")[0]) < 3, reason="pandas copies on writing from version 3 on")
def test_writing_to_the_frame_later_changes_no_result(panel):
    fit = panelyst.feols("y ~ x | unit", panel)
    expected = panelyst.feols("y ~ x | unit", panel.copy()).with_vcov("hc1").se()
    panel.loc[:, "x"] = 0.0
    panel.loc[3, "y"] = 1e9
    pandas.testing.assert_series_equal(fit.with_vcov("hc1").se(), expected, check_exact=True)


def test_columns_of_other_types_are_the_same_numbers(panel):
    expected = panelyst.feols("y ~ x | unit + year", panel, vcov="cluster:unit").tidy()
    changed = [
        panel.assign(unit=panel.unit.astype("Int64"), year=panel.year.astype("int16")),
        panel.assign(unit=panel.unit.astype("category"), x=panel.x.astype("Float64")),
        panel.assign(unit="u" + panel.unit.astype(str).str.zfill(2), year=panel.year.astype("float64")),
        panel.assign(unit=pandas.Categorical("u" + panel.unit.astype(str).str.zfill(2))),
        panel.assign(x=panel.x.astype(object), y=panel.y.astype("double[pyarrow]")),
        panel.assign(x=panel.x.to_numpy().astype(">f8")),
        panel.sample(frac=1.0, random_state=1).sort_index(),
        panel.set_index("z"),
    ]
    for frame in changed:
        pandas.testing.assert_frame_equal(
            panelyst.feols("y ~ x | unit + year", frame, vcov="cluster:unit").tidy(), expected, check_exact=True
        )
    # Columns with gaps in memory.
    wide = pandas.DataFrame(panel[["y", "x", "z"]].to_numpy().copy(), columns=["y", "x", "z"])
    assert panelyst.feols("y ~ x + z", wide).coef().equals(panelyst.feols("y ~ x + z", panel).coef())


def test_missing_values_are_counted(panel):
    holes = panel.copy()
    holes.loc[[1, 5], "x"] = numpy.nan
    holes["unit"] = holes["unit"].astype("Int64")
    holes.loc[7, "unit"] = pandas.NA
    holes["text"] = ["a", "b", None] * 80
    fit = panelyst.feols("y ~ x | unit", holes)
    assert fit.to_dict()["sample"] == {
        "rows": 240,
        "used": 237,
        "dropped": [{"reason": "missing x", "count": 2}, {"reason": "missing unit", "count": 1}],
    }
    assert list(fit.rows[:6]) == [0, 2, 3, 4, 6, 8]
    assert panelyst.feols("y ~ x | text", holes).fixef()["text"].index.tolist() == ["a", "b"]


def test_dates_and_truth_values(panel):
    frame = panel.assign(
        day=[datetime.datetime(2000, 1, 1) + datetime.timedelta(days=int(u)) for u in panel.unit],
        big=panel.x > 0,
        maybe=(panel.x > 0).astype("boolean"),
    )
    assert panelyst.feols("y ~ x | day", frame).coef()["x"] == panelyst.feols("y ~ x | unit", panel).coef()["x"]
    assert panelyst.feols("y ~ x | big", frame).nobs == 240
    frame.loc[0, "maybe"] = pandas.NA
    assert panelyst.feols("y ~ x | maybe", frame).nobs == 239


def test_names_of_any_kind(panel):
    chinese = panel.rename(columns={"y": "集聚水平", "x": "专利", "unit": "省份"})
    fit = panelyst.feols("集聚水平 ~ 专利 | 省份", chinese, vcov={"CRV1": "省份"})
    assert fit.coef().index.tolist() == ["专利"]
    assert fit.coef()["专利"] == panelyst.feols("y ~ x | unit", panel).coef()["x"]
    assert "集聚水平" in str(fit.summary(lang="zh"))
    numbered = panel.rename(columns={"y": 0, "x": 1})
    assert panelyst.feols("`0` ~ `1` | unit", numbered).coef().iloc[0] == fit.coef()["专利"]
    spaced = panel.rename(columns={"x": "the x (log)"})
    assert panelyst.feols("y ~ `the x (log)` | unit", spaced).coef().iloc[0] == fit.coef()["专利"]
