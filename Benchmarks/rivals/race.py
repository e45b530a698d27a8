"""Races nnmf against other programs and writes Documentation/Benchmarks.md with its plots.

    python race.py [--quick] [--seeds 3] [--data FOLDER] [--only WORDS] [--threads 2]

Same matrix (float32), same start, same number of threads for everybody, one after the other, in an
order that turns with the seed. The objective of everybody is computed here, in float64, from the
factors. The points of nnmf are complete calls: it is run once to its end, and then again with one iteration
less than its trace says a target takes, and with more until it is met; the time is that of the whole
call (without reading the file, as for the others), and the target counts only if the factors that
were written meet it here.
"""
import argparse
import csv
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile

import numpy as np
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

import cores
import report
import scaling
from problems import RACES, STARTS, load, objective, start_factors

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGETS = (0.01, 0.001, 0.0001)
# Seconds below which a complete call is made three times, for the median.
SHORT = 0.25


def environment(threads):
    """That of a fair race: as many threads as asked for, and OpenBLAS's own choice of kernels."""
    result = dict(os.environ)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        result[name] = str(threads)
    # Settings for old builds of OpenBLAS slow the one that NumPy's wheels bring.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        result.pop(name, None)
    return result


# A process inherits the peak memory of the one that started it: a small one stands between.
LAUNCHER = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status if status >= 0 else 1)
"""


def measured(command, **options):
    """Runs a command; its output and its peak resident memory in MB."""
    with tempfile.NamedTemporaryFile("r") as peak:
        done = subprocess.run([sys.executable, "-c", LAUNCHER, peak.name, *command],
                              capture_output=True, text=True, **options)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-300:]}")
        return done.stdout, int(peak.read()) / 1024


class Race:
    def __init__(self, arguments, name, x, path):
        self.arguments, self.name, self.x, self.path = arguments, name, x, path
        self.data, self.loss, self.rank, self.limit, self.rival_limit, _ = RACES[name]
        self.environment = environment(arguments.threads)

    def ours(self, seed, iterations=None, threads=None):
        """One call of nnmf: its points by its own account, and the last as judged here."""
        threads = threads or self.arguments.threads
        command = [
            self.arguments.program, "fit", self.path, "-r", str(self.rank), "--loss", self.loss,
            "--precision", "single", "--start-w", f"w{seed}.npy", "--start-h", f"h{seed}.npy",
            "--threads", str(threads), "--trace", "trace.csv", "-o", "ours",
            "--force", "--quiet", "--tol", "1e-6", "--max-iter", str(iterations or 10**8),
            "--time-limit", str(self.limit)]
        _, memory = measured(command, env=self.environment)
        with open("ours/model.json") as file:
            model = json.load(file)
        with open("trace.csv") as file:
            trace = [(int(row["iteration"]), float(row["seconds"]), float(row["objective"]))
                     for row in csv.DictReader(file)]
        w, h = np.load("ours/memberships.npy"), np.load("ours/parts.npy")
        return dict(
            trace=trace, memory=memory, seconds=model["seconds"], iterations=model["iterations"],
            objective=objective(self.x, w, h, self.loss), claimed=model["objective"],
            stop=model["stopReason"])

    def rival(self, name, seed):
        output, _ = measured(
            [sys.executable, os.path.join(HERE, "rivals.py"), name, self.path, f"w{seed}.npy",
             f"h{seed}.npy", self.loss, str(self.rival_limit), str(self.arguments.threads)],
            env=self.environment)
        return [json.loads(line) for line in output.splitlines() if line.startswith("{")]

    def run(self, seed, rivals):
        """Everybody from one start: points of the rivals, and ours with the targets confirmed."""
        w, h = start_factors(self.x, self.rank, seed)
        np.save(f"w{seed}.npy", w), np.save(f"h{seed}.npy", h)
        order = ["nnmf", *rivals]
        shift = seed % len(order)
        results = {}
        for name in order[shift:] + order[:shift]:
            results[name] = self.ours(seed) if name == "nnmf" else self.rival(name, seed)
            print(f"  {name}: {self.last(results[name])}", file=sys.stderr, flush=True)
        ours = results.pop("nnmf")
        best = min([ours["objective"]] + [p["objective"] for s in results.values() for p in s])
        reached = {t: self.confirm(seed, ours, best * (1 + t)) for t in TARGETS}
        # To within 0.01 % of the lowest objective of any rival: its time, and ours.
        points = [p for s in results.values() for p in s]
        goal = min(p["objective"] for p in points) * (1 + 1e-4)
        level = dict(rival=min(p["seconds"] for p in points if p["objective"] <= goal),
                     ours=self.confirm(seed, ours, goal))
        return dict(seed=seed, best=best, ours=ours, reached=reached, level=level, rivals=results)

    def threads(self, seed):
        """Seconds of an iteration with one thread and with all, the least of five calls each, in turn;
        and what as many processes that share nothing are worth just before.

        Of the second to the fifth: shortcuts, which do not read X, may follow.
        """
        count = self.arguments.threads
        worth = [cores.worth(kind, count, environment(1)) for kind in ("products", "reads")]
        times = {1: [], count: []}
        for _ in range(5):
            for threads in times:
                trace = self.ours(seed, 5, threads)["trace"]
                steps = np.diff([at for _, at, _ in trace])[1:]
                times[threads].append(float(steps.min()))
        return dict(one=min(times[1]), all=min(times[count]), worth=worth)

    def confirm(self, seed, ours, goal):
        """Seconds of a complete call that meets the goal, or None."""
        first = next((n for n, _, claimed in ours["trace"] if claimed <= goal), None)
        # The end of a call, which solves the memberships, is worth about an iteration.
        first = first and max(1, first - 1)
        for _ in range(5):
            if first is None or first >= ours["iterations"]:
                return ours["seconds"] if ours["objective"] <= goal else None
            call = self.ours(seed, max(1, first))
            if call["objective"] <= goal:
                # A disturbance of some milliseconds is much of a short call.
                again = 2 if call["seconds"] < SHORT else 0
                times = [call["seconds"]] + [
                    self.ours(seed, max(1, first))["seconds"] for _ in range(again)]
                return float(np.median(times))
            first = first + 1 + first // 10
        return ours["seconds"] if ours["objective"] <= goal else None

    @staticmethod
    def last(result):
        point = result if isinstance(result, dict) else result[-1]
        return f"{point['objective']:.7g} after {point['iterations']} iterations, " \
               f"{point['seconds']:.2f} s"


def machine():
    try:
        with open("/proc/cpuinfo") as file:
            cpu = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.processor() or platform.machine()
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}"


def versions(rivals):
    from importlib.metadata import version
    import threadpoolctl
    names = ["numpy", "scipy", "scikit-learn"] + (["torch", "torchnmf"] if "torchnmf" in rivals else [])
    blas = {f"{p['internal_api']} {p.get('version')} ({p.get('architecture')})"
            for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"}
    return ", ".join(f"{n} {version(n)}" for n in names) + "; BLAS " + ", ".join(sorted(blas))


def stored_megabytes(x):
    """What X takes in float32: dense, or in compressed rows with 32-bit indices."""
    return (x.nnz * 8 + 8 * x.shape[0] if sp.issparse(x) else x.nbytes) / 1e6


def installed(name):
    import importlib.util
    return importlib.util.find_spec(name) is not None


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only what runs on data that ship with it")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("--data", default=os.path.join(ROOT, "..", "shared", "data"))
    parser.add_argument("--only", default="", help="races whose name holds this")
    parser.add_argument("--program", default=os.path.join(ROOT, ".build", "release", "nnmf"))
    parser.add_argument("--output", default=os.path.join(ROOT, "Documentation"))
    parser.add_argument("--no-scaling", action="store_true")
    arguments = parser.parse_args()
    arguments.program = os.path.abspath(arguments.program)
    arguments.output, arguments.data = map(os.path.abspath, (arguments.output, arguments.data))
    if "OPENBLAS_CORETYPE" in os.environ:  # The BLAS of this process was chosen at its start.
        return subprocess.run([sys.executable, *sys.argv], env=environment(arguments.threads)).returncode
    slow = ["torchnmf"] if installed("torchnmf") else []
    # OpenBLAS's threads go on spinning for a tenth of a second: those of this process would take the
    # cores from the program that is measured next.
    threadpool_limits(1)
    facts = dict(
        machine=machine(), date=datetime.date.today().isoformat(), threads=arguments.threads,
        seeds=arguments.seeds, versions=versions(slow), quick=arguments.quick,
        program=subprocess.run([arguments.program, "--version"], capture_output=True,
                               text=True).stdout.strip(),
        commit=subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
                              capture_output=True, text=True).stdout.strip())
    os.makedirs(arguments.output, exist_ok=True)
    results = {}
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for name, (data, loss, *_, is_quick) in RACES.items():
            if arguments.only not in name or arguments.quick and not is_quick:
                continue
            x = load(data, arguments.data, arguments.program)
            if x is None:
                print(f"{name}: no data in {arguments.data}, left out", file=sys.stderr)
                continue
            path = f"x-{data}.npz" if sp.issparse(x) else f"x-{data}.npy"
            if not os.path.exists(path):
                sp.save_npz(path, x, compressed=False) if sp.issparse(x) else np.save(path, x)
            race = Race(arguments, name, x, os.path.abspath(path))
            always = ["scikit-learn CD"] if loss == "frobenius" else ["scikit-learn MU"]
            runs = []
            starts = max(arguments.seeds, STARTS.get(name, 0) if arguments.seeds >= 3 else 0)
            for seed in range(1, starts + 1):
                print(f"{name}, seed {seed}", file=sys.stderr, flush=True)
                # Those that come nowhere near are asked once.
                runs.append(race.run(seed, always + (slow if seed == 1 else [])))
            results[name] = dict(runs=runs, threads=race.threads(1), x=stored_megabytes(x))
            report.write(arguments.output, facts, results, None)  # A race that is cut short has one too.
        if not arguments.no_scaling:
            report.write(arguments.output, facts, results, scaling.measure(arguments, environment))
    print(os.path.join(arguments.output, "Benchmarks.md"))


if __name__ == "__main__":
    sys.exit(main())
