"""Manners towards the interpreter: its lock, Ctrl-C, forks, import time, documentation."""

import importlib.util
import inspect
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy
import pandas
import pytest

import panelyst
from conftest import ROOT


@pytest.fixture(scope="module")
def large():
    random = numpy.random.default_rng(3)
    rows = 400_000
    frame = pandas.DataFrame({"y": random.normal(size=rows), "a": random.integers(0, 20_000, rows)})
    for name in ("b", "c"):
        frame[name] = random.integers(0, 5_000, rows)
    for j in range(6):
        frame[f"x{j}"] = random.normal(size=rows)
    return frame


def test_the_lock_is_released(large):
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    start = time.perf_counter()
    panelyst.feols("y ~ x0 + x1 + x2 + x3 + x4 + x5 | a + b + c", large)
    end = time.perf_counter()
    stop.set()
    thread.join()
    during = [t for t in ticks if start < t < end]
    # Without the lock's release there would be none but at the ends.
    assert len(during) > 5


def test_threads_at_once(large):
    expected = panelyst.feols("y ~ x0 | a", large).coef()["x0"]
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(panelyst.feols("y ~ x0 | a", large).coef()["x0"])) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_ctrl_c_is_heard(large):
    frame = large[:50_000].assign(g=large["b"] % 400)

    def fit(draws):
        return panelyst.fit("y ~ x0 + x1 + x2 + x3 + x4 + x5 | g", frame, vcov=f"wild:g,draws={draws}")

    start = time.perf_counter()
    fit(19_999)
    short = time.perf_counter() - start

    def interrupt():
        time.sleep(0.5 * short)
        os.kill(os.getpid(), signal.SIGINT)

    # A process that was started in the background ignores Ctrl-C, and so would its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        start = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):
            threading.Thread(target=interrupt).start()
            # Takes about fifty times as long; Ctrl-C is looked for every 50 ms.
            fit(999_999)
        assert time.perf_counter() - start < 1 + 10 * short
    finally:
        signal.signal(signal.SIGINT, before)
    assert panelyst.feols("y ~ x0", large[:1000]).nobs == 1000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_forked_processes_have_threads(panel):
    code = """
        import multiprocessing, numpy, pandas, panelyst
        frame = pandas.DataFrame({"y": numpy.arange(50.0) ** 2, "x": numpy.arange(50.0)})
        def work(_):
            return panelyst.feols("y ~ x", frame).coef()["x"]
        if __name__ == "__main__":
            own = work(0)
            with multiprocessing.get_context("fork").Pool(2) as pool:
                assert pool.map(work, range(4)) == [own] * 4
            print("done")
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "done", done.stderr


def test_nothing_heavy_is_imported():
    code = "import sys, panelyst; print([m for m in ('pandas', 'numpy', 'polars', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pandas_without_pyarrow(tmp_path):
    code = """
        import sys
        sys.modules["pyarrow"] = None
        import pandas, panelyst
        frame = pandas.DataFrame({"y": [1.0, 2.0, 4.0, 4.5] * 5, "x": range(20), "g": list("abcde") * 4})
        fit = panelyst.feols("y ~ x | g", frame, vcov={"CRV1": "g"})
        assert fit.coef().index.tolist() == ["x"] and fit.se()["x"] > 0
        print("done")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True)
    assert done.stdout.strip() == "done", done.stderr


def test_names_and_descriptions_are_those_of_the_registries():
    path = ROOT / "python" / "generate.py"
    spec = importlib.util.spec_from_file_location("generate", path)
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    written = pathlib.Path(ROOT / "python" / "panelyst" / "_registry.py").read_text(encoding="utf-8")
    assert written == generate.text(), "run python python/generate.py"


def test_everything_is_documented():
    for name in panelyst.__all__:
        thing = getattr(panelyst, name)
        if name == "__version__":
            continue
        assert inspect.getdoc(thing), name
        if inspect.isclass(thing):
            for method, value in vars(thing).items():
                if not method.startswith("_") and (callable(value) or isinstance(value, property)):
                    assert inspect.getdoc(value), f"{name}.{method}"
    assert "cluster" in panelyst.fit.__doc__ and "xtreg" in panelyst.fit.__doc__
    assert "Herfindahl" in panelyst.index.__doc__ and "hausman" in panelyst.test.__doc__


def test_types_are_shipped():
    folder = pathlib.Path(panelyst.__file__).parent
    assert (folder / "py.typed").exists() and (folder / "_panelyst.pyi").exists()
    stubs = (folder / "_panelyst.pyi").read_text()
    from panelyst import _panelyst

    for name in dir(_panelyst):
        if not name.startswith("_"):
            assert f"class {name}:" in stubs or f"def {name}(" in stubs, name
    for kind in ("Core", "Data"):
        for name in dir(getattr(_panelyst, kind)):
            if not name.startswith("_"):
                assert f"def {name}(" in stubs, name
