"""Results as text: a line for each runner while it runs, and the Markdown page of a run."""

NOT_PEERS = {"panelyst", "panelyst-python", "panelyst-csv", "panelyst-parquet", "floor"}


def ours(entry):
    """Panelyst's result of a case, if it has one."""
    for name, result in entry["runners"].items():
        if name.startswith("panelyst") and "seconds" in result:
            return result
    return None


def fastest_peer(entry):
    """Name and result of the fastest peer whose numbers are right."""
    peers = {
        name: result
        for name, result in entry["runners"].items()
        if name not in NOT_PEERS and "seconds" in result and result.get("agrees", True)
    }
    if not peers:
        return None, None
    name = min(peers, key=lambda name: peers[name]["seconds"])
    return name, peers[name]


def duration(seconds):
    if seconds is None:
        return ""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    if seconds < 1:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds:.3g} s"


def megabytes(value):
    return "" if value is None else f"{value:.0f}"


def above(result):
    """Memory beyond the columns."""
    if result.get("peak_mb") is None or result.get("base_mb") is None:
        return None
    return result["peak_mb"] - result["base_mb"]


def error(value):
    return "" if value is None else f"{value:.0e}"


def ratio(mine, other):
    return f"{other / mine:.2f}" if mine and other else ""


def case_text(entry):
    """The results of a case for a terminal."""
    lines = []
    mine = ours(entry)
    for name, result in sorted(entry["runners"].items(), key=lambda item: item[1].get("seconds", float("inf"))):
        if "seconds" not in result:
            lines.append(f"    {name:20} {result.get('unavailable', 'not measured')}")
            continue
        wrong = "" if result.get("agrees", True) else "  DISAGREES"
        times = ratio(mine["seconds"], result["seconds"]) if mine else ""
        lines.append(
            f"    {name:20} {duration(result['seconds']):>9}  first {duration(result['first_seconds']):>9}  "
            f"{megabytes(result.get('peak_mb')):>6} MB  {times:>7}x  b {error(result.get('coefficient_error')):>5}  "
            f"se {error(result.get('std_error_error')):>5}{wrong}"
        )
    return "\n".join(lines)


def markdown(run):
    """The page of a run."""
    about, tools = run["machine"], run["tools"]
    memory = f"{about['memory_gb']} GB" if about["memory_gb"] else "memory unknown"
    loads = ", ".join(f"{load:.2f}" for load in about["load_before"])
    lines = [
        f"# Benchmarks, {run['date']}",
        "",
        f"`{run['command']}`",
        "",
        f"- Machine: {about['cpu']}, {about['processors']} processors, {memory}; {about['system']}; "
        f"{run['threads']} threads for every runner; load before {loads} (1, 5, 15 minutes).",
        f"- Panelyst at {tools['panelyst']}, {run['profile']} build, {tools['rustc']}.",
        f"- Peers: {versions(run)}.",
        "",
        "Seconds are medians. Speed is the time of the fastest peer whose numbers are right, divided by ours. Memory is the peak of the",
        "process in MB from when its columns are read (of the whole process where files are read), in brackets beyond the columns.",
        "",
        "| case | ours | fastest peer | speed | must | aim | floor | memory, ours | memory, peer |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [summary_row(entry) for entry in run["cases"]]
    for entry in run["cases"]:
        lines += ["", f"## {entry['case']}", "", f"`{entry['formula']}`, load before {entry['load']:.2f}"]
        lines[-1] += f"; held against {entry['reference']}, tight" if entry["reference"] else ""
        lines += [
            "",
            "| runner | median | range | first | peak MB | beyond columns | ours is faster by | error of b | error of se |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        ]
        mine = ours(entry)
        for name, result in entry["runners"].items():
            lines.append(detail_row(name, result, mine))
        commands = {name: result["command"] for name, result in entry["runners"].items() if "command" in result}
        lines += ["", "```", *(f"{name}: {command}" for name, command in commands.items()), "```"]
    return "\n".join(lines) + "\n"


def summary_row(entry):
    mine, (name, peer) = ours(entry), fastest_peer(entry)
    floor = entry["runners"].get("floor", {})
    cells = [
        entry["case"],
        duration(mine["seconds"]) if mine else why_not(entry),
        f"{duration(peer['seconds'])} ({name})" if peer else "",
        ratio(mine["seconds"], peer["seconds"]) if mine and peer else "",
        entry["must"],
        entry["aim"],
        duration(floor.get("seconds")),
        memory_cell(mine),
        memory_cell(peer),
    ]
    return "| " + " | ".join(cells) + " |"


def memory_cell(result):
    if not result:
        return ""
    beyond = above(result)
    return megabytes(result.get("peak_mb")) + (f" ({beyond:.0f})" if beyond is not None else "")


def why_not(entry):
    for name, result in entry["runners"].items():
        if name.startswith("panelyst") and "unavailable" in result:
            return "not yet: " + result["unavailable"].replace("|", "\\|")[:80]
    return ""


def detail_row(name, result, mine):
    if "seconds" not in result:
        return f"| {name} | {result.get('unavailable', 'not measured').replace('|', chr(92) + '|')[:120]} | | | | | | | |"
    cells = [
        name if result.get("agrees", True) else f"{name} (disagrees)",
        duration(result["seconds"]),
        f"{duration(result['fastest'])} to {duration(result['slowest'])}",
        duration(result["first_seconds"]),
        megabytes(result.get("peak_mb")),
        megabytes(above(result)),
        ratio(mine["seconds"], result["seconds"]) if mine else "",
        error(result.get("coefficient_error", result.get("printed_difference"))),
        error(result.get("std_error_error")),
    ]
    return "| " + " | ".join(cells) + " |"


def versions(run):
    """Every peer's version, once."""
    found = {}
    for entry in run["cases"]:
        for result in entry["runners"].values():
            found |= result.get("versions", {})
    found.pop("panelyst", None)
    for tool in ("gretl", "R"):
        if run["tools"].get(tool):
            found[tool] = run["tools"][tool]
    return ", ".join(f"{name} {version}" for name, version in found.items())
