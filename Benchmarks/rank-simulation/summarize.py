"""Turns the output of RankSimulation into the table of the documentation: python summarize.py FILE…"""
import csv
import sys

rows = [row for path in sys.argv[1:] for row in csv.DictReader(
    sorted(open(path), key=lambda line: not line.startswith("noise,")))]
RULES = ["answer", "minimum", "ard", "bic", "elbow", "cophenetic"]
NAMES = {"answer": "nnmf rank", "minimum": "plain minimum of held-out deviance", "ard": "ARD alone",
         "bic": "BIC", "elbow": "elbow", "cophenetic": "cophenetic drop"}


def band(row):
    if row["truth"] == "1":
        return "no structure (r = 1)"
    above = float(row["aboveNoise"])
    return ("last part above the noise (ratio ≥ 2.5)" if above >= 2.5 else
            "in the transition (1.5 … 2.5)" if above >= 1.5 else "below the noise (< 1.5)")


bands = {}
for row in rows:
    bands.setdefault(band(row), []).append(row)
print("| matrices | " + " | ".join(NAMES[rule] for rule in RULES) + " | truth among the plausible |")
print("|---|" + "---|" * (len(RULES) + 1))
for name in sorted(bands, key=lambda n: ("above" not in n, n)):
    some = bands[name]
    cells = []
    for rule in RULES:
        exact = sum(int(r[rule]) == int(r["truth"]) for r in some)
        near = sum(abs(int(r[rule]) - int(r["truth"])) <= 1 for r in some)
        cells.append(f"{exact} ({near})")
    inside = sum(r["truth"] in r["plausible"].split() for r in some)
    print(f"| {name}: {len(some)} | " + " | ".join(cells) + f" | {inside} |")
print("\nExactly right (and within ±1).\n\nMisses of nnmf rank where the last part is above the noise:")
for row in rows:
    if band(row).startswith("last") and row["answer"] != row["truth"]:
        print(f"- {row['noise']}, {row['structure']}, {row['rows']} × {row['columns']}, strength "
              f"{row['strength']}, ratio {row['aboveNoise']}: {row['answer']} instead of {row['truth']}")
