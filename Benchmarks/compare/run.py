"""PCA, k-means and FastICA: `nnmf compare` beside scikit-learn, on the same data, in one run.

Usage: python run.py NNMF DATA.csv|DATA.npy [RANK] [THREADS]

Both programs get the same numbers in double precision, the same number of components, starts and
threads. Times are of the fit alone, the smallest of five.
"""
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
    with open(path) as file:
        header = any(c.isalpha() for c in file.readline().replace("e", ""))
    x = np.loadtxt(path, delimiter=",", skiprows=int(header))
x = x[:, x.std(axis=0) >= 0]

with tempfile.TemporaryDirectory() as folder:
    data = os.path.join(folder, "x.npy")
    np.save(data, x)
    ours, basis = {}, {}
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
        basis.setdefault("inertia", []).append(((x - e @ b) ** 2).sum())
        scores = np.load(os.path.join(out, "pca-encoding.npy"))
        singular = np.sqrt((scores**2).sum(axis=0))


def timed(make):
    seconds, models = [], []
    for seed in range(repeats):
        start = time.perf_counter()
        models.append(make(seed))
        seconds.append(time.perf_counter() - start)
    return seconds, models


theirs = {}
theirs["pca"], models = timed(lambda s: (lambda m: (m.fit_transform(x), m)[1])(PCA(rank, random_state=s)))
exact = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)[:rank]
theirs["vq"], clusters = timed(lambda s: KMeans(rank, n_init=10, random_state=s).fit(x))
theirs["ica"], sources = timed(
    lambda s: FastICA(rank, whiten="unit-variance", random_state=s).fit(x.T))
print(f"{platform.machine()}, {os.cpu_count()} cores, {threads} threads; scikit-learn "
      f"{sklearn.__version__}, numpy {np.__version__}; {x.shape[0]} x {x.shape[1]}, rank {rank}")
for name in ("pca", "vq", "ica"):
    a, b = min(ours[name]), min(theirs[name])
    print(f"{name:4} nnmf {a:8.4f} s   scikit-learn {b:8.4f} s   ratio {a / b:.2f}")
print(f"singular values: largest relative difference {np.max(np.abs(singular / exact - 1)):.1e} (nnmf), "
      f"{np.max(np.abs(models[0].singular_values_ / exact - 1)):.1e} (scikit-learn) from a full SVD")
print(f"inertia, mean of {repeats} seeds: nnmf {np.mean(basis['inertia']):.6g}, scikit-learn "
      f"{np.mean([m.inertia_ for m in clusters]):.6g}")
print(f"iterations of scikit-learn's FastICA: {[m.n_iter_ for m in sources]}")
