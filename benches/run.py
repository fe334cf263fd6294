"""Runs cases of the benchmarks, holds all results against each other and writes them down.

    python benches/run.py --cases smoke
    python benches/run.py --cases panel434,1e6,simple-1e6-2fe-csw --repeat 7
    python benches/run.py --cases simple-1e7-3fe --runners panelyst,floor,fereg --repeat 5

Each runner is a process that holds the columns in memory; measurements take turns among them, after one that is not counted but
reported as the first. Before each there is a pause of 0.3 s: threads of some runners spin on when their work is done, on the
processors of whoever comes next. Whole processes take turns in the same way. Seconds are medians.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import re
import selectors
import shutil
import statistics
import subprocess
import sys
import time

import agreement
import cases
import designs
import table

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
THREAD_VARIABLES = """RAYON_NUM_THREADS OMP_NUM_THREADS OPENBLAS_NUM_THREADS MKL_NUM_THREADS NUMBA_NUM_THREADS
POLARS_MAX_THREADS ARROW_NUM_THREADS""".split()

# Seconds before a measurement in which the threads of the last one come to rest.
PAUSE = 0.3


class Unavailable(Exception):
    """A runner that cannot do a case; the text says why."""


def target(options):
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / options.profile


def script(name, *arguments):
    return lambda options: [sys.executable, str(HERE / "runners" / name), "TASK", *arguments]


def built(name, options):
    """A binary of ours."""
    path = target(options) / name
    if not path.exists():
        raise Unavailable("first: cargo build --release -p panelyst -p panelyst-bench")
    return str(path)


def panelyst_runner(options):
    return [built("panelyst-estimate", options), "TASK"]


def fixest_runner(options):
    if not shutil.which("Rscript"):
        raise Unavailable("there is no R")
    probe = 'quit(status = !all(sapply(c("fixest", "data.table", "jsonlite"), requireNamespace, quietly = TRUE)))'
    if subprocess.run(["Rscript", "-e", probe], capture_output=True, check=False).returncode:
        raise Unavailable("R has no fixest, data.table and jsonlite")
    return ["Rscript", str(HERE / "runners" / "run_fixest.R"), "TASK"]


RUNNERS = {
    "panelyst": panelyst_runner,
    "panelyst-python": script("run_panelyst_python.py"),
    "floor": panelyst_runner,
    "fereg": script("run_fereg.py"),
    "fereg-calls": script("run_fereg.py", "--calls"),
    "within": script("run_within.py"),
    "pyfixest-lsmr": script("run_pyfixest.py", "--demeaner", "lsmr"),
    "pyfixest-map": script("run_pyfixest.py", "--demeaner", "map"),
    "linearmodels": script("run_linearmodels.py"),
    "fixest": fixest_runner,
}

# Tight solutions to hold the others against: the first of these that can.
REFERENCES = ["within", "fereg"]


def task(case, name, options, tight=False):
    """What a runner is told."""
    return {
        "data": str(designs.data(case.design, case.rows)),
        "csv": str(csv_file(case)) if name == "fixest" else None,
        "columns": case.columns,
        "formula": case.formula,
        "outcome": case.outcome,
        "regressors": case.regressors,
        "effects": case.effects,
        "cluster": case.cluster,
        "family": case.family,
        "endogenous": case.endogenous,
        "instruments": case.instruments,
        "vcov": f"cluster:{case.cluster}",
        "model": "poisson" if case.family == "poisson" else None,
        "floor": name == "floor",
        "threads": options.threads,
        "inner": 1 if tight else case.inner,
        "tight": tight,
    }


def csv_file(case):
    columns = case.columns
    return designs.data(case.design, case.rows, csv=True, columns=columns if case.whole else None)


def environment(options):
    return os.environ | {name: str(options.threads) for name in THREAD_VARIABLES}


def show(case, options):
    """Prints each runner's command, to be typed by hand: a runner measures once for every line typed after it has begun."""
    for name in wanted(case, options):
        try:
            if case.whole:
                command = whole_command(name, case, options)
            else:
                told = json.dumps(task(case, name, options))
                command = [told if word == "TASK" else word for word in RUNNERS[name](options)]
            print(f"{case.name} {name}:\n{relative(command)}\n")
        except Unavailable as why:
            print(f"{case.name} {name}: {why}\n")


class Worker:
    """A runner's process."""

    def __init__(self, name, case, options, tight=False):
        command = RUNNERS[name](options)
        told = json.dumps(task(case, name, options, tight))
        self.command = command
        self.errors = designs.CACHE / f"{case.name}-{name}.log"
        with self.errors.open("w") as log:
            self.process = subprocess.Popen(
                [told if part == "TASK" else part for part in command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(options),
            )
        self.versions = self.answer(options.limit)["versions"]

    def answer(self, limit):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(limit):
                self.stop()
                raise Unavailable(f"more than {limit:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            said = self.errors.read_text().strip().splitlines()
            raise Unavailable(said[-1] if said else "it ended without an answer")
        return json.loads(line)

    def measure(self, limit):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return self.answer(limit)

    def stop(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()


def columns_in_memory(case, options):
    """Measures a case from columns in memory: {runner: its results}."""
    results, workers = {}, {}
    for name in wanted(case, options):
        results[name] = {"runs": []}
        try:
            workers[name] = worker = Worker(name, case, options)
            results[name] |= {"command": relative(worker.command), "versions": worker.versions}
            results[name]["first"] = worker.measure(options.limit)
        except (Unavailable, OSError) as why:
            drop(workers, results, name, why)
    for repetition in range(repeats(case, options)):
        names = [name for name in results if name in workers]
        # Another one begins each time, or the same one would always run after the heaviest.
        turn = repetition % max(1, len(names))
        for name in names[turn:] + names[:turn]:
            time.sleep(PAUSE)
            try:
                results[name]["runs"].append(workers[name].measure(options.limit))
            except (Unavailable, OSError) as why:
                drop(workers, results, name, why)
    for worker in workers.values():
        worker.stop()
    for result in results.values():
        summarise(result)
    return results


def drop(workers, results, name, why):
    print(f"    {name}: {why}", flush=True)
    results[name]["unavailable"] = str(why)
    if name in workers:
        workers.pop(name).stop()


def summarise(result):
    runs = result.pop("runs")
    first = result.pop("first", None)
    if runs and "unavailable" not in result:
        seconds = [run["seconds"] for run in runs]
        result |= {
            "seconds": statistics.median(seconds),
            "fastest": min(seconds),
            "slowest": max(seconds),
            "all_seconds": seconds,
            "first_seconds": first["seconds"],
            "base_mb": runs[-1].get("base_mb"),
            "peak_mb": result.get("peak_mb") or max((run["peak_mb"] for run in runs if run.get("peak_mb")), default=None),
            "models": runs[-1].get("models"),
        }


def reference(case, options):
    """Tight numbers of a peer, and which peer: kept beside the data, for they do not change."""
    for name in REFERENCES:
        if name == "within" and (case.family != "ols" or case.instruments):
            continue
        kept = designs.CACHE / f"reference-{case.name}-{name}.json"
        if kept.exists():
            return name, json.loads(kept.read_text())
        try:
            worker = Worker(name, case, options, tight=True)
            models = worker.measure(4 * options.limit)["models"]
            worker.stop()
        except (Unavailable, OSError) as why:
            print(f"    {name}, tight: {why}", flush=True)
            continue
        kept.write_text(json.dumps(models))
        return name, models
    return None, None


def whole_command(name, case, options):
    """The command of a whole process and its file."""
    formula = case.formula
    path = str(csv_file(case) if case.whole == "csv" else designs.data(case.design, case.rows))
    if name.startswith("panelyst-"):
        command = [built("panelyst", options), "fit", path, formula, "--vcov", f"cluster:{case.cluster}"]
        if case.memory_gb:
            command += ["--memory", f"{case.memory_gb:g}GB"]
        return command
    if name == "gretl-csv":
        if not shutil.which("gretlcli"):
            raise Unavailable("there is no gretlcli")
        text = (HERE / "whole" / "panel.inp").read_text()
        words = {
            "FILE": path,
            "UNIT": case.effects[0],
            "PERIOD": case.effects[1],
            "OUTCOME": case.outcome,
            "REGRESSORS": " ".join(case.regressors[0]),
        }
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        program = designs.CACHE / f"{case.name}.inp"
        program.write_text(text)
        return ["gretlcli", "-b", str(program)]
    extra = [f"{case.memory_gb:g}", str(options.threads)] if case.memory_gb else []
    program = HERE / "whole" / f"{name.replace('-', '_')}.py"
    return [sys.executable, str(program), path, formula, case.cluster, *extra]


def process(command, options):
    """Runs a whole process: seconds and what it printed."""
    log = designs.CACHE / "whole.log"
    out = designs.CACHE / "whole.out"
    with out.open("w") as printed, log.open("w") as errors:
        start = time.perf_counter()
        try:
            child = subprocess.run(
                command, stdout=printed, stderr=errors, env=environment(options), timeout=options.limit, check=False
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"more than {options.limit:.0f} s") from None
        seconds = time.perf_counter() - start
    if child.returncode:
        said = log.read_text().strip().splitlines() or [f"exit code {child.returncode}"]
        raise Unavailable(said[-1])
    return {"seconds": seconds, "printed": out.read_text().replace(f"{ROOT}/", "")}


def peak_of(command, options):
    """Peak memory of a whole process in MB, from a run of its own."""
    answer = designs.CACHE / "whole.peak"
    process([sys.executable, "-I", "-S", str(HERE / "whole" / "peak.py"), str(answer), *command], options)
    return float(answer.read_text())


def whole_processes(case, options):
    """Measures whole processes, in turns: {runner: its results}."""
    results, commands = {}, {}
    for name in wanted(case, options):
        results[name] = {"runs": []}
        try:
            commands[name] = whole_command(name, case, options)
            results[name]["command"] = relative(commands[name])
            results[name]["first"] = process(commands[name], options)
            results[name]["peak_mb"] = peak_of(commands[name], options)
        except (Unavailable, OSError) as why:
            drop({}, results, name, why)
    for repetition in range(repeats(case, options)):
        names = [name for name in commands if "unavailable" not in results[name]]
        turn = repetition % max(1, len(names))
        for name in names[turn:] + names[:turn]:
            try:
                results[name]["runs"].append(process(commands[name], options))
            except (Unavailable, OSError) as why:
                drop({}, results, name, why)
    for name, result in results.items():
        if result["runs"]:
            result["printed"] = result["runs"][-1]["printed"]
        summarise(result)
    return results


def wanted(case, options):
    runners = case.runners
    if options.python:
        runners = ["panelyst-python" if name == "panelyst" else name for name in runners]
    return [name for name in runners if not options.runners or name.split("-")[0] in options.runners or name in options.runners]


def repeats(case, options):
    """Fewer where one estimation takes seconds."""
    return options.repeat if case.rows < 5_000_000 else min(options.repeat, 5 if case.rows < 50_000_000 else 1)


def relative(command):
    """A command as one would type it in the root of the repository."""
    # gretl looks for relative names in a folder of its own.
    root = "$PWD/" if command[0] == "gretlcli" else ""
    words = [word.replace(str(ROOT) + os.sep, root) for word in command]
    if command[0] == sys.executable:
        words[0] = "python"
    return " ".join(f"'{word}'" if re.search(r"""[\s|~{"]""", word) else word for word in words)


def machine():
    """Processor, memory, system and load."""
    model = platform.processor() or platform.machine()
    gigabytes = None
    with contextlib.suppress(OSError):
        model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())[1].strip()
        kilobytes = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())[1])
        gigabytes = round(kilobytes / 1024**2, 1)
    return {
        "cpu": model,
        "processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": gigabytes,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load_before": os.getloadavg(),
    }


def said(*command):
    """The first line that a command prints, or None."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError, IndexError):
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.splitlines()[0]
    return None


def tools():
    dirty = bool(said("git", "status", "--porcelain", "--untracked-files=no"))
    return {
        "panelyst": (said("git", "rev-parse", "--short", "HEAD") or "?") + (" with changes" if dirty else ""),
        "rustc": said("rustc", "--version"),
        "python": sys.version.split()[0],
        "gretl": said("gretlcli", "--version"),
        "R": said("R", "--version"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default="smoke", help=f"names, or groups: {', '.join(cases.GROUPS)}")
    parser.add_argument("--runners", default="", help="only these, for example panelyst,fereg")
    parser.add_argument("--repeat", type=int, default=7, help="measurements of each runner")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=float, default=300, help="seconds after which a runner is dropped from a case")
    parser.add_argument("--no-check", action="store_true", help="no tight reference: only speed")
    parser.add_argument("--out", type=pathlib.Path, help="folder of the results; benches/runs/DATE-MACHINE if not given")
    parser.add_argument("--label", help="name of the machine in the folder's name")
    parser.add_argument("--profile", default="release", help="the build of ours to measure; debug to try the driver")
    parser.add_argument("--python", action="store_true", help="measure the Python package of ours in place of the engine by itself")
    parser.add_argument("--show", action="store_true", help="print the commands of the runners instead")
    options = parser.parse_args()
    options.runners = set(filter(None, options.runners.split(",")))
    if options.show:
        for case in cases.chosen(options.cases):
            show(case, options)
        return
    about = machine()
    if hasattr(os, "sched_setaffinity"):
        # All that is started here inherits this: as many processors as threads.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    if about["load_before"][0] > 0.5:
        print(f"The machine is busy (load {about['load_before'][0]:.1f}): the numbers will mean little.")
    date = datetime.date.today().isoformat()
    run = {
        "date": date,
        "command": relative([sys.executable, *sys.argv]),
        "machine": about,
        "tools": tools(),
        "threads": options.threads,
        "profile": options.profile,
        "cases": [],
    }
    name = options.label or re.sub(r"[^a-z0-9]+", "-", f"{about['cpu']} {about['processors']}".lower()).strip("-")
    folder = options.out or HERE / "runs" / f"{date}-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases.chosen(options.cases):
        print(f"{case.name}: {case.formula}", flush=True)
        load = os.getloadavg()[0]
        measure = whole_processes if case.whole else columns_in_memory
        results = measure(case, options)
        held = None
        if not options.no_check:
            held, models = (None, None) if case.whole == "parquet" else reference(case, options)
            agreement.check(case, results, models)
        entry = {"case": case.name, "formula": case.formula, "rows": case.rows, "must": case.must, "aim": case.aim}
        entry |= {"inner": case.inner, "load": load, "reference": held, "runners": results}
        run["cases"].append(entry)
        print(table.case_text(entry), flush=True)
        # After every case, so that a run that is cut off leaves what it has.
        (folder / "results.json").write_text(json.dumps(run, indent=1) + "\n")
        (folder / "README.md").write_text(table.markdown(run))
    print(f"written to {folder}")


if __name__ == "__main__":
    main()
