"""Seconds per iteration of nnmf against the sizes of X and the rank, over two decades each."""
import csv
import subprocess
import sys

import numpy as np
import scipy.sparse as sp

DECADES = [1, 3, 10, 30, 100]


def cases(quick):
    """(axis, loss, sizes, maker of (X, rank) for a size)."""
    most = DECADES[:3] if quick else DECADES
    rng = np.random.default_rng(7)

    def dense(rows, columns):
        x = rng.integers(0, 9, (rows, columns)).astype(np.float32)
        return x

    def sparse(rows, columns, entries):
        i, j = rng.integers(0, rows, entries), rng.integers(0, columns, entries)
        return sp.csr_matrix((np.ones(entries, np.float32), (i, j)), shape=(rows, columns))

    for loss in ("frobenius", "poisson"):
        yield "N", loss, [300 * k for k in most], lambda n: (dense(n, 600), 16)
        yield "p", loss, [300 * k for k in most], lambda p: (dense(600, p), 16)
        yield "non-zeros", loss, [60_000 * k for k in most], lambda z: (sparse(3000, 3000, z), 16)
        # Sweeps take r² a row: few components against rows and columns, as in use.
        yield "r", loss, [2 * k for k in most], lambda r: (dense(4000, 4000), r)


def measure(arguments, environment):
    lines = []
    for axis, loss, sizes, make in cases(arguments.quick):
        times = []
        for size in sizes:
            x, rank = make(size)
            path = "scale.npz" if sp.issparse(x) else "scale.npy"
            sp.save_npz(path, x, compressed=False) if sp.issparse(x) else np.save(path, x)
            command = [
                arguments.program, "fit", path, "-r", str(rank), "--loss", loss, "--init", "random",
                "--precision", "single", "--tol", "0", "--max-iter", "5", "--threads",
                str(arguments.threads), "--trace", "scale.csv", "-o", "scale", "--force", "--quiet"]
            steps = []
            for _ in range(3):
                subprocess.run(command, check=True, env=environment(arguments.threads))
                with open("scale.csv") as file:
                    seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
                # Without the first step, which touches memory for the first time; later ones may
                # take shortcuts, which do not read X.
                steps.append(float(np.median(np.diff(seconds)[1:])))
            times.append(min(steps))
        print(f"scaling, {loss}, {axis}: " + ", ".join(f"{1e3 * t:.3g} ms" for t in times),
              file=sys.stderr, flush=True)
        lines.append(dict(axis=axis, loss=loss, sizes=sizes, seconds=times))
    return lines
