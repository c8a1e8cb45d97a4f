# %% [markdown]
# # Loops against kernels
# What an operation does is easily written as a loop, one number at a time. A kernel does the same in machine code,
# many numbers at a time.

# %%
import sys
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np

import pynn


def naive_relu(x):
    return [[max(value, 0.0) for value in row] for row in x]


def naive_add(x, y):
    return [[a + b for a, b in zip(row, other)] for row, other in zip(x, y)]


def naive_dot(x, y):
    return sum(a * b for a, b in zip(x, y))


def naive_matrix_vector(x, y):
    return [naive_dot(row, y) for row in x]


def naive_matmul(x, y):
    columns = list(zip(*y))
    return [[naive_dot(row, column) for column in columns] for row in x]


# %%
def seconds(function, *arguments, times):
    took = []
    for _ in range(times):
        start = perf_counter()
        result = function(*arguments)
        took.append(perf_counter() - start)
    return min(took), np.asarray(result)


rng = np.random.default_rng(0)
x, y = rng.normal(size=(2, 128, 128))
work = {
    "relu\n128 × 128": (naive_relu, pynn.relu, x),
    "add\n128 × 128": (naive_add, pynn.add, x, y),
    "dot\n16,384": (naive_dot, pynn.dot, x.ravel(), y.ravel()),
    "matrix × vector\n128 × 128": (naive_matrix_vector, pynn.matmul, x, y[0]),
    "matrix × matrix\n64 × 64": (naive_matmul, pynn.matmul, x[:64, :64], y[:64, :64]),
}
loops, kernels = [], []
for name, (naive, kernel, *arrays) in work.items():
    slow, expected = seconds(naive, *[a.tolist() for a in arrays], times=3)
    fast, result = seconds(kernel, *[pynn.asarray(a) for a in arrays], times=100)
    assert np.allclose(result, expected)
    loops.append(slow)
    kernels.append(fast)
    print(f"{' '.join(name.split()):28} {slow * 1e3:9.3f} ms {fast * 1e3:9.4f} ms {slow / fast:7.0f} times")

# %%
figure, ax = plt.subplots(figsize=(9, 4), layout="constrained")
place = np.arange(len(work))
ax.bar(place - 0.2, np.array(loops) * 1e3, width=0.4, label="loops in Python")
ax.bar(place + 0.2, np.array(kernels) * 1e3, width=0.4, label="kernels of pynn")
for i, (slow, fast) in enumerate(zip(loops, kernels)):
    ax.text(i - 0.2, slow * 1e3 * 1.3, f"{slow / fast:,.0f} ×", ha="center")
ax.set(title="the same results in less time", ylabel="time in ms", yscale="log", xticks=place)
ax.set_xticklabels(work)
ax.margins(y=0.15)
ax.legend()
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "loops.png")
