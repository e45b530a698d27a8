"""PCA, k-means and FastICA: `nnmf compare` beside scikit-learn, on the same data, in one run.

Usage: python run.py NNMF DATA.csv|DATA.npy [RANK] [THREADS]

Both programs get the same numbers in double precision, the same number of components, starts and
threads. Times are of the fit alone, the smallest of five.
"""
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings

program, path = sys.argv[1], sys.argv[2]
rank = int(sys.argv[3]) if len(sys.argv) > 3 else 49
threads = sys.argv[4] if len(sys.argv) > 4 else "2"
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = threads

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA, FastICA

warnings.filterwarnings("ignore")
repeats = 5
if path.endswith(".npy"):
    x = np.load(path)
    x = x.reshape(len(x), -1).astype(np.float64)
else:
    # Names of columns in the first line and of rows in the first column are left out.
    with open(path) as file:
        rows = list(csv.reader(file))[1:]
    try:
        float(rows[0][0])
        first = 0
    except ValueError:
        first = 1
    x = np.array([[float(cell) for cell in row[first:]] for row in rows])

peers = {
    "pca": lambda seed: (lambda m: (m.fit_transform(x), m)[1])(PCA(rank, random_state=seed)),
    "vq": lambda seed: KMeans(rank, n_init=10, random_state=seed).fit(x),
    "ica": lambda seed: FastICA(rank, whiten="unit-variance", random_state=seed).fit(x.T),
}
ours, theirs, models, inertia = {}, {}, {}, []
with tempfile.TemporaryDirectory() as folder:
    data = os.path.join(folder, "x.npy")
    np.save(data, x)
    # The two programs take turns, so that both have the same share of a busy machine.
    for seed in range(1, repeats + 1):
        out = os.path.join(folder, f"{seed}.compare")
        command = [program, "compare", data, "-r", str(rank), "--loss", "frobenius", "--max-iter", "1",
                   "--no-held-out", "--starts", "0", "--seed", str(seed), "--threads", threads,
                   "--json", "-o", out]
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        for method in found["methods"]:
            ours.setdefault(method["name"], []).append(method.get("seconds", float("nan")))
        b = np.load(os.path.join(out, "vq-basis.npy"))
        e = np.load(os.path.join(out, "vq-encoding.npy"))
        inertia.append(((x - e @ b) ** 2).sum())
        scores = np.load(os.path.join(out, "pca-encoding.npy"))
        singular = np.sqrt((scores**2).sum(axis=0))
        for name, fit in peers.items():
            start = time.perf_counter()
            models.setdefault(name, []).append(fit(seed - 1))
            theirs.setdefault(name, []).append(time.perf_counter() - start)

exact = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)[:rank]
print(f"{platform.machine()}, {os.cpu_count()} cores, {threads} threads; scikit-learn "
      f"{sklearn.__version__}, numpy {np.__version__}; {x.shape[0]} x {x.shape[1]}, rank {rank}")
for name in ("pca", "vq", "ica"):
    a, b = min(ours[name]), min(theirs[name])
    print(f"{name:4} nnmf {a:8.4f} s   scikit-learn {b:8.4f} s   ratio {a / b:.2f}")
print(f"singular values: largest relative difference {np.max(np.abs(singular / exact - 1)):.1e} (nnmf), "
      f"{np.max(np.abs(models['pca'][0].singular_values_ / exact - 1)):.1e} (scikit-learn) from a full SVD")
print(f"inertia, mean of {repeats} seeds: nnmf {np.mean(inertia):.6g}, scikit-learn "
      f"{np.mean([m.inertia_ for m in models['vq']]):.6g}")
print(f"iterations of scikit-learn's FastICA: {[m.n_iter_ for m in models['ica']]}")
