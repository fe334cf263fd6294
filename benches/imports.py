"""Import times of the Python package and of its peers, each in a process of its own, one after the other in turns.

python benches/imports.py [--repeat 9]          writes a table in Markdown; `none` is the interpreter alone
"""

import argparse
import importlib.metadata
import platform
import statistics
import subprocess
import sys
import time

PACKAGES = {"none": "", "panelyst": "panelyst", "fereg": "fereg", "pyfixest": "pyfixest", "linearmodels": "linearmodels", "pandas": "pandas"}


def seconds(package):
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {package}" if package else ""], check=True)
    return time.perf_counter() - start


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeat", type=int, default=9)
    repeat = options.parse_args().repeat
    for package in PACKAGES.values():
        seconds(package)
    taken = {name: [] for name in PACKAGES}
    for _ in range(repeat):
        for name, package in PACKAGES.items():
            taken[name].append(seconds(package))
    base = statistics.median(taken["none"])
    print(f"Python {platform.python_version()}, medians of {repeat} alternating runs.\n")
    print("| import | version | median | least | beyond the interpreter |")
    print("|---|---|---:|---:|---:|")
    for name, times in taken.items():
        version = importlib.metadata.version(name) if PACKAGES[name] else ""
        median = statistics.median(times)
        print(f"| {name} | {version} | {median * 1e3:.0f} ms | {min(times) * 1e3:.0f} ms | {(median - base) * 1e3:.0f} ms |")


if __name__ == "__main__":
    main()
