"""The tables and plots of a race."""
import os

import matplotlib
import matplotlib.ticker
import numpy as np

from problems import ABOUT, RACES

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

TARGETS = (0.01, 0.001, 0.0001)
COLOURS = {"nnmf": "#0072b2", "scikit-learn CD": "#d55e00", "scikit-learn MU": "#d55e00",
           "torchnmf": "#009e73"}


def first_time(points, goal):
    return next((p["seconds"] for p in points if p["objective"] <= goal), None)


def first_claim(trace, goal):
    return next((seconds for _, seconds, claimed in trace if claimed <= goal), None)


def ratio(ours, theirs, limit):
    """How far nnmf is ahead of the best of them; a bound where none of them arrives."""
    if ours is None:
        return "–"
    return f"{min(theirs) / ours:.1f}×" if theirs else f"> {limit / ours:.0f}×"


def median(times):
    """The median, where None stands for never; None when the median is never."""
    value = float(np.median([np.inf if t is None else t for t in times])) if times else np.inf
    return None if np.isinf(value) else value


def seconds(value):
    return "–" if value is None else f"{value:.3g}"


def rows(name, runs):
    """One line of the table a contestant, nnmf first."""
    limit = RACES[name][4]
    ours = [median([run["reached"][t] for run in runs]) for t in TARGETS]
    contestants = list(dict.fromkeys(n for run in runs for n in run["rivals"]))
    theirs = {n: [median([first_time(run["rivals"][n], run["best"] * (1 + t))
                          for run in runs if n in run["rivals"]]) for t in TARGETS]
              for n in contestants}
    traced = [median([first_claim(run["ours"]["trace"], run["best"] * (1 + t)) for run in runs])
              for t in TARGETS]

    def ratios(times):
        return [ratio(time, [t[index] for t in theirs.values() if t[index] is not None], limit)
                for index, time in enumerate(times)]

    def gap(values):
        return f"{float(np.median(values)):.1e}"

    lines = ["| " + " | ".join([
        "**nnmf**", *(f"**{seconds(t)}**" for t in ours),
        f"{np.median([1e3 * step(run['ours']['trace']) for run in runs]):.3g}",
        f"{np.median([run['ours']['memory'] for run in runs]):.0f}",
        f"{np.median([run['ours']['objective'] for run in runs]):.7g}",
        gap([run["ours"]["objective"] / run["best"] - 1 for run in runs])]) + " |"]
    for n in contestants:
        with_it = [run for run in runs if n in run["rivals"] and run["rivals"][n]]
        ends = [run["rivals"][n][-1] for run in with_it]
        lines.append("| " + " | ".join([
            n, *map(seconds, theirs[n]),
            f"{np.median([1e3 * e['seconds'] / e['iterations'] for e in ends]):.3g}",
            f"{np.median([e['memory'] for e in ends]):.0f}",
            f"{np.median([e['objective'] for e in ends]):.7g}",
            gap([run["rivals"][n][-1]["objective"] / run["best"] - 1 for run in with_it])]) + " |")
    lines.append("| *nnmf ahead of the best rival* | " + " | ".join(ratios(ours)) + " | | | | |")
    lines.append("| *the same, by its trace* | " + " | ".join(
        f"{r} ({seconds(t)})" for r, t in zip(ratios(traced), traced)) + " | | | | |")
    return lines


def remarks(name, runs):
    """Sentences below a table: to the rival's own best objective, and by the clock of MU."""
    levels = [run["level"] for run in runs]
    times = [median([level[who] for level in levels]) for who in ("rival", "ours")]
    text = ("To within 0.01 % of the lowest objective that a rival reached: "
            f"{seconds(times[0])} s for the rival, {seconds(times[1])} s for nnmf")
    text += f": **{times[0] / times[1]:.1f}×**." if times[1] else "."
    missed = sum(1 for level in levels if level["ours"] is None)
    if missed:
        text += f" From {missed} of {len(levels)} starts nnmf ends in another, higher local optimum."
    text += " " + tenfold(runs)
    clocks = [run["rivals"]["scikit-learn MU"][-1] for run in runs if "scikit-learn MU" in run["rivals"]]
    if clocks:
        clock = np.median([c["seconds"] / c["iterations"] for c in clocks])
        ours = [median([run["reached"][t] for run in runs]) for t in TARGETS]
        text += (" By multiplicative updates as a clock, nnmf is within 1 % in the time of "
                 f"{ticks(ours[0], clock)} of them and within 0.1 % in that of {ticks(ours[1], clock)}.")
    return text


def tenfold(runs):
    """A sentence: nnmf after a tenth of the rivals' time, against the best of them at the end."""
    gaps, times = [], []
    for run in runs:
        points, ours = [p for s in run["rivals"].values() for p in s], run["ours"]
        time = max(p["seconds"] for p in points) / 10
        reached = [o for _, s, o in ours["trace"] if s <= time]
        if ours["seconds"] <= time:
            reached.append(ours["objective"])
        gaps.append(min(reached, default=np.inf) / min(p["objective"] for p in points) - 1)
        times.append(time)
    middle, higher = float(np.median(gaps)), [gap for gap in gaps if gap > 1e-5]
    where = "level with" if abs(middle) <= 1e-5 else f"{percent(middle)} {'below' if middle < 0 else 'above'}"
    text = (f"After a tenth of the rivals' time ({seconds(np.median(times))} s) nnmf is {where} the best "
            "objective that they end at")
    if higher:
        text += f"; above it from {len(higher)} of {len(gaps)} starts, by {percent(max(higher))} at most"
    return text + "."


def percent(value):
    return f"{100 * abs(value):.2g} %"


def ticks(value, clock):
    return "–" if value is None else f"{value / clock:.1f}"


def step(trace):
    """Seconds per iteration, from the trace."""
    return (trace[-1][1] - trace[0][1]) / max(1, trace[-1][0])


def write(folder, facts, results, lines):
    torch = "torchnmf ran from the first start only. " if "torch" in facts["versions"] else ""
    text = [
        "# Benchmarks", "",
        f"{facts['program']} (commit {facts['commit']}), {facts['date']}. Machine: "
        f"{facts['machine']}; {facts['threads']} threads for everybody. {facts['versions']}.",
        "OpenBLAS chose its kernels itself (OPENBLAS_CORETYPE unset).", "",
        f"Medians over {facts['seeds']} random start{'s' if facts['seeds'] > 1 else ''}, the same for everybody; X, start and factors in "
        "float32 for everybody. Seconds of fitting, without reading the file, until the objective is "
        "within 1 %, 0.1 % and 0.01 % of the best that anybody reached from that start. The objective "
        "is computed in float64 by the driver, from the factors, for everybody. “–”: not within the "
        "time that each was given. " + torch + "Times of nnmf are those of "
        "complete calls (below a quarter of a second the median of three), with the exact W at their end, which rivals do not solve; “by its trace” is timed as rivals "
        "are, when the iteration that arrives ends (its objective by nnmf's own account). From the sixth on, its iterations "
        "on a large dense X hold up to 32 steps that do not read X. Peak memory is that of the process with X, in MB. Rerun: see "
        "`Benchmarks/README.md`.", ""]
    if facts["quick"]:
        text += ["*This is the quick race: only data that come with the program.*", ""]
    for name, result in results.items():
        runs = result["runs"]
        data, _, _, limit, rival_limit, _ = RACES[name]
        time = f"{limit} s each" if limit == rival_limit else f"{limit} s for nnmf, {rival_limit} s for a rival"
        if len(runs) > facts["seeds"]:
            time += f"; {len(runs)} starts"
        text += [
            f"## {name}", "", f"{ABOUT[data]}, {result['x']:.3g} MB; {time}.", "",
            "| | 1 % (s) | 0.1 % (s) | 0.01 % (s) | ms/iteration | peak MB | final objective | gap |",
            "|---|---|---|---|---|---|---|---|", *rows(name, runs), "", remarks(name, runs), ""]
    claims = [abs(run["ours"]["claimed"] / run["ours"]["objective"] - 1)
              for result in results.values() for run in result["runs"]]
    if claims:
        text += [f"What nnmf says of its own objective differs from the driver's by {max(claims):.1e} "
                 "at most, relatively.", ""]
        curves(os.path.join(folder, "benchmarks.png"), results)
        text += ["![Gap to the best objective against seconds](benchmarks.png)", "",
                 "Lines are traces; dots are complete calls of nnmf, with the exact W at their end.", "",
                 "## Threads", "", "Milliseconds of an iteration of nnmf that reads X (the second to the fifth), "
                 "the least of five calls each, in turn. Beside them what as many processes that share nothing were worth "
                 "just before, against one: in products of matrices in the cache, and in reads from memory.",
                 "", "| race | 1 thread | all threads | ratio | products | reads |", "|---|---|---|---|---|---|"]
        for name, result in results.items():
            one, every, worth = (result["threads"][key] for key in ("one", "all", "worth"))
            text.append(f"| {name} | {1e3 * one:.3g} | {1e3 * every:.3g} | {one / every:.2f} | "
                        + " | ".join(f"{value:.2f}" for value in worth) + " |")
        text.append("")
    if lines:
        scaling_plot(os.path.join(folder, "scaling.png"), lines)
        text += ["## Time per iteration", "",
                 "The exponent e of time ∝ sizeᵉ, fitted over the larger half of the sizes; 1 is "
                 "linear. Below 1 a part of the work does not grow: rows and columns stay as many "
                 "when only non-zeros are added. Above it: the sweeps of least squares take r² a row.",
                 "", "| loss | size | from – to | ms per iteration, from – to | exponent |",
                 "|---|---|---|---|---|"]
        for line in lines:
            sizes, times = line["sizes"], line["seconds"]
            half = len(sizes) // 2
            exponent = np.polyfit(np.log(sizes[half:]), np.log(times[half:]), 1)[0]
            text.append(
                f"| {line['loss']} | {line['axis']} | {sizes[0]:,} – {sizes[-1]:,} | "
                f"{1e3 * times[0]:.3g} – {1e3 * times[-1]:.3g} | {exponent:.2f} |")
        text += ["", "![Time per iteration against the sizes](scaling.png)", ""]
    with open(os.path.join(folder, "Benchmarks.md"), "w") as file:
        file.write("\n".join(text))


def style(axes):
    axes.set_xscale("log"), axes.set_yscale("log")
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.tick_params(labelsize=7, which="both", color="#999999")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def curves(path, results):
    columns = min(3, len(results))
    count = -(-len(results) // columns)
    figure, grid = plt.subplots(count, columns, figsize=(3.5 * columns, 2.7 * count), squeeze=False)
    for axes, (name, result) in zip(grid.flat, results.items()):
        run = result["runs"][0]
        floor = 1e-5
        ours = [(s, max(o / run["best"] - 1, floor)) for _, s, o in run["ours"]["trace"] if s > 0]
        axes.plot(*zip(*ours), color=COLOURS["nnmf"], linewidth=1.8, label="nnmf")
        reached = [(s, t) for t, s in run["reached"].items() if s]
        if reached:
            axes.plot(*zip(*reached), "o", color=COLOURS["nnmf"], markersize=4)
        for n, points in run["rivals"].items():
            line = [(p["seconds"], max(p["objective"] / run["best"] - 1, floor)) for p in points]
            axes.plot(*zip(*line), color=COLOURS[n], linewidth=1.2, label=n)
        for target in TARGETS:
            axes.axhline(target, color="#bbbbbb", linewidth=0.6, linestyle=":")
        style(axes)
        axes.set_ylim(floor / 1.5, 2)
        axes.set_title(name, fontsize=8, loc="left")
        axes.legend(fontsize=6, frameon=False)
    for axes in list(grid.flat)[len(results):]:
        axes.axis("off")
    figure.supxlabel("seconds", fontsize=8)
    figure.supylabel("objective above the best, relatively", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def scaling_plot(path, lines):
    axis_names = list(dict.fromkeys(line["axis"] for line in lines))
    figure, grid = plt.subplots(1, len(axis_names), figsize=(2.7 * len(axis_names), 2.6), squeeze=False)
    for axes, axis in zip(grid.flat, axis_names):
        for line in lines:
            if line["axis"] != axis:
                continue
            colour = "#0072b2" if line["loss"] == "frobenius" else "#d55e00"
            times = [1e3 * t for t in line["seconds"]]
            axes.plot(line["sizes"], times, "o-", color=colour, markersize=3, linewidth=1.2,
                      label=line["loss"])
            linear = [times[-1] * size / line["sizes"][-1] for size in line["sizes"]]
            axes.plot(line["sizes"], linear, color=colour, linewidth=0.7, linestyle=":")
        style(axes)
        axes.set_title(axis, fontsize=8, loc="left")
        axes.legend(fontsize=6, frameon=False)
    figure.supylabel("ms per iteration (dotted: linear)", fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
