"""The matrices of the race, the common start, and the one objective that judges everybody."""
import os
import subprocess

import numpy as np
import scipy.io
import scipy.sparse as sp

# name: data set, loss, rank, seconds that nnmf gets, and each rival, belongs to the quick race.
# Rivals get more where ours takes long: what they never reach bounds a ratio by their time.
RACES = {
    "faces, squares, r = 49": ("faces", "frobenius", 49, 40, 150, False),
    "digits, squares, r = 16": ("digits", "frobenius", 16, 4, 4, True),
    "pbmc3k, squares, r = 20": ("pbmc3k", "frobenius", 20, 12, 12, False),
    "newsgroups, squares, r = 20": ("newsgroups", "frobenius", 20, 15, 15, False),
    "D1, squares, r = 10": ("D1", "frobenius", 10, 30, 30, False),
    "D1, squares, r = 50": ("D1", "frobenius", 50, 30, 120, False),
    "faces, Poisson, r = 49": ("faces", "poisson", 49, 40, 90, False),
    "digits, Poisson, r = 16": ("digits", "poisson", 16, 8, 8, True),
    "pbmc3k, Poisson, r = 10": ("pbmc3k", "poisson", 10, 12, 12, False),
    "pbmc3k, Poisson, r = 20": ("pbmc3k", "poisson", 20, 20, 20, False),
    "newsgroups, Poisson, r = 10": ("newsgroups", "poisson", 10, 20, 20, False),
    "newsgroups, Poisson, r = 20": ("newsgroups", "poisson", 20, 25, 25, False),
    "S1, Poisson, r = 10": ("S1", "poisson", 10, 25, 25, False),
    "S1, Poisson, r = 20": ("S1", "poisson", 20, 30, 30, False),
    "small counts, Poisson, r = 10": ("counts", "poisson", 10, 6, 6, True),
    "other: wide, squares, r = 12": ("wide", "frobenius", 12, 6, 6, False),
    "other: tall, squares, r = 6": ("tall", "frobenius", 6, 6, 6, False),
    "other: spectra, squares, r = 8": ("spectra", "frobenius", 8, 8, 8, False),
    "other: expression, squares, r = 8": ("expression", "frobenius", 8, 6, 6, False),
    "other: tf-idf, squares, r = 30": ("tf-idf", "frobenius", 30, 25, 25, False),
    "other: binary, squares, r = 25": ("binary", "frobenius", 25, 8, 8, False),
    "other: tall, Poisson, r = 6": ("tall", "poisson", 6, 8, 16, False),
    "other: dense counts, Poisson, r = 12": ("dense counts", "poisson", 12, 8, 8, False),
    "other: expression, Poisson, r = 8": ("expression", "poisson", 8, 8, 8, False),
    "other: tf-idf, Poisson, r = 10": ("tf-idf", "poisson", 10, 20, 20, False),
}
# Starts that a race is given where three are asked for. Ends of fits of the faces spread by more than
# what the race asks about, whoever fits: the median of three is chance.
STARTS = {"faces, squares, r = 49": 7}
ABOUT = {
    "faces": "Olivetti faces, 400 × 4,096, dense, 0…242",
    "digits": "UCI handwritten digits, 1,797 × 61, dense, 0…16",
    "pbmc3k": "10x Genomics PBMC 3k, 2,638 × 13,713, sparse counts",
    "newsgroups": "20 Newsgroups, 18,774 × 55,911, sparse counts",
    "D1": "synthetic 20,000 × 5,000, dense, rank 30 with 1 % noise",
    "S1": "synthetic Poisson counts 50,000 × 20,000, 1 % dense, sparse",
    "counts": "synthetic Poisson counts 2,000 × 1,500, 10 % dense, sparse",
    "wide": "synthetic 120 × 20,000, dense, rank 12 with 22 % noise that grows with the entries",
    "tall": "synthetic 100,000 × 40, dense, mixtures of 6 with Gaussian noise",
    "spectra": "synthetic 3,000 × 800, dense, mixtures of 8 peaks with Gaussian noise",
    "expression": "synthetic 60 × 12,000, dense, features on scales that differ a thousandfold",
    "tf-idf": "20 Newsgroups as tf-idf, 18,774 × 55,911, rows of unit length, sparse",
    "binary": "synthetic 5,000 × 3,000 of zeros and ones, sparse",
    "dense counts": "synthetic Poisson counts 3,000 × 300, mean 5, dense",
}


def load(name, folder, program):
    """X as float32, dense or CSR, without empty rows and columns; None when it is not here."""
    files = {"faces": "faces-olivetti/faces-olivetti.npy", "pbmc3k": "pbmc3k/matrix.mtx.gz",
             "newsgroups": "newsgroups/matrix.mtx.gz"}
    if name == "digits":
        subprocess.run([program, "data", "digits", "-o", "digits.npy", "--force"], check=True,
                       capture_output=True)
        x = np.load("digits.npy")
    elif name == "D1":
        x = low_rank(20000, 5000, 30)
    elif name == "S1":
        x = counts(50000, 20000, 20, 0.01)
    elif name == "counts":
        x = counts(2000, 1500, 10, 0.1)
    elif name == "tf-idf":
        x = load("newsgroups", folder, program)
        if x is None:
            return None
        x = tf_idf(x)
    elif name in SHAPES:
        x = SHAPES[name](np.random.default_rng(5))
    else:
        path = os.path.join(folder, files[name])
        if not os.path.exists(path):
            return None
        x = np.load(path) if path.endswith(".npy") else scipy.io.mmread(path)
        if name == "faces":
            x = np.rint(x * 242)
        if name == "pbmc3k":
            x = x.T
    if sp.issparse(x):
        x = sp.csr_matrix(x).astype(np.float32)
        x.eliminate_zeros()
    else:
        x = np.asarray(x, np.float32)
    rows = np.flatnonzero(np.asarray(x.sum(1)).ravel())
    columns = np.flatnonzero(np.asarray(x.sum(0)).ravel())
    x = x[rows][:, columns]
    if sp.issparse(x):
        x.sort_indices()
        return x.tocsr()
    return np.ascontiguousarray(x)


def low_rank(rows, columns, rank, noise=0.01, seed=0):
    """W H + e: halves of W and H are zero, e is uniform with a mean of `noise` times that of W H."""
    rng = np.random.default_rng(seed)
    w = np.maximum(rng.uniform(-1, 1, (rows, rank)), 0).astype(np.float32)
    h = np.maximum(rng.uniform(-1, 1, (rank, columns)), 0).astype(np.float32)
    x = w @ h
    scale = np.float32(2 * noise * x.mean(dtype=np.float64))
    for i in range(0, rows, 1000):
        x[i:i + 1000] += scale * rng.random(x[i:i + 1000].shape, dtype=np.float32)
    return x


def counts(rows, columns, rank, density, seed=0):
    """Poisson counts of a gamma model, about `density` of them above zero, drawn part by part."""
    rng = np.random.default_rng(seed)
    w = rng.gamma(0.3, 1, (rows, rank)) * rng.lognormal(0, 0.5, (rows, 1))
    h = rng.gamma(0.3, 1, (rank, columns)) * rng.lognormal(0, 1, (1, columns))
    means = w[rng.integers(0, rows, min(rows, 500))] @ h
    low, high = 0.0, 1e3 / means.mean()
    for _ in range(80):
        scale = (low + high) / 2
        if np.mean(-np.expm1(-scale * means)) < density:
            low = scale
        else:
            high = scale
    h *= low
    i, j = [], []
    for k in range(rank):
        count = rng.poisson(w[:, k].sum() * h[k].sum())
        i.append(rng.choice(rows, count, p=w[:, k] / w[:, k].sum()))
        j.append(rng.choice(columns, count, p=h[k] / h[k].sum()))
    i, j = np.concatenate(i), np.concatenate(j)
    return sp.csr_matrix((np.ones(i.size, np.float32), (i, j)), shape=(rows, columns))


def wide(rng):
    v = rng.gamma(0.5, 1, (120, 12)) @ rng.gamma(0.5, 1, (12, 20000))
    return v * rng.gamma(20, 1 / 20, v.shape)


def tall(rng):
    v = rng.dirichlet(np.full(6, 0.3), 100000) @ rng.gamma(1, 1, (6, 40))
    return np.maximum(v + 0.05 * rng.standard_normal(v.shape), 0)


def spectra(rng):
    at = np.linspace(0, 1, 800)
    peaks = [np.exp(-((at - rng.uniform()) / rng.uniform(0.02, 0.2)) ** 2) for _ in range(8)]
    v = rng.gamma(1, 1, (3000, 8)) @ np.stack(peaks)
    return np.maximum(v + 0.01 * v.max() * rng.standard_normal(v.shape), 0)


def expression(rng):
    v = rng.gamma(0.5, 1, (60, 8)) @ (rng.gamma(0.2, 1, (8, 12000)) * rng.lognormal(0, 2, (1, 12000)))
    return v * rng.lognormal(0, 0.3, v.shape)


def binary(rng):
    v = rng.beta(0.1, 1, (5000, 25)) @ rng.beta(0.1, 1, (25, 3000))
    return sp.csr_matrix(rng.random(v.shape) < -np.expm1(-0.5 * v))


def dense_counts(rng):
    v = rng.gamma(0.3, 1, (3000, 12)) @ rng.gamma(0.3, 1, (12, 300))
    return rng.poisson(v * (5 / v.mean()))


SHAPES = {"wide": wide, "tall": tall, "spectra": spectra, "expression": expression,
          "binary": binary, "dense counts": dense_counts}


def tf_idf(x):
    """(1 + log count) log(1 + N / documents with the word), rows of unit length."""
    x = x.astype(np.float64)
    x.data = 1 + np.log(x.data)
    x = x @ sp.diags(np.log(1 + x.shape[0] / np.bincount(x.indices, minlength=x.shape[1])))
    return sp.diags(1 / np.sqrt(np.asarray(x.multiply(x).sum(1)).ravel())) @ x


def start_factors(x, rank, seed):
    """|normal| factors on the scale sqrt(mean / rank), float32, never zero."""
    rng = np.random.default_rng(1000 * rank + seed)
    scale = np.sqrt(x.sum(dtype=np.float64) / np.prod(x.shape, dtype=np.float64) / rank)
    w = scale * (np.abs(rng.standard_normal((x.shape[0], rank))) + 1e-6)
    h = scale * (np.abs(rng.standard_normal((rank, x.shape[1]))) + 1e-6)
    return w.astype(np.float32), h.astype(np.float32)


def objective(x, w, h, loss):
    """½‖X − WH‖² or Σ x log(x / v) − x + v, in float64 from float64 factors."""
    w, h = np.asarray(w, np.float64), np.asarray(h, np.float64)
    if sp.issparse(x) and loss == "frobenius":
        data = x.data.astype(np.float64)
        cross = np.sum((x.astype(np.float64) @ h.T) * w)
        return float(0.5 * (data @ data - 2 * cross + np.sum((w.T @ w) * (h @ h.T))))
    if sp.issparse(x):
        total = float(w.sum(0) @ h.sum(1))
        rows, ht = np.repeat(np.arange(x.shape[0]), np.diff(x.indptr)), np.ascontiguousarray(h.T)
        for i in range(0, x.nnz, 1 << 19):
            part = slice(i, i + (1 << 19))
            values = x.data[part].astype(np.float64)
            v = np.einsum("ij,ij->i", w[rows[part]], ht[x.indices[part]])
            with np.errstate(divide="ignore"):
                total += float(np.sum(values * np.log(values / v) - values))
        return total
    total = 0.0
    for i in range(0, x.shape[0], 1000):
        values, v = x[i:i + 1000].astype(np.float64), w[i:i + 1000] @ h
        if loss == "frobenius":
            total += 0.5 * float(np.sum((values - v) ** 2))
        else:
            above = values > 0
            with np.errstate(divide="ignore"):
                total += float(np.sum(values[above] * np.log(values[above] / v[above])))
            total += float(v.sum() - values.sum())
    return total
