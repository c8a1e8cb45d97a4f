# %% [markdown]
# # The perceptron
# Rosenblatt, 1958: one neuron whose activation is a step. It learns from its mistakes only: at each wrong answer the
# weights move towards the point (or away from it), until no mistake is left.

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np

import pynn

rng = np.random.default_rng(3)
points = np.concatenate([rng.normal([1.0, 3.0], 0.5, (40, 2)), rng.normal([3.5, 1.0], 0.5, (40, 2))])
labels = np.repeat([0, 1], 40)
order = rng.permutation(80)
x, t = pynn.asarray(points[order]), labels[order]


# %%
def perceptron(x):
    return 1 if (pynn.dot(x, w) + b).item() > 0 else 0


w, b = pynn.tensor([0.0, 0.0], dtype="float64"), 0.0
lines, mistakes = [], []
for epoch in range(100):
    wrong = 0
    for point, target in zip(x, t):
        error = target - perceptron(point)  # 0 when right, else +1 or -1
        w = w + error * point
        b = b + error
        wrong += error != 0
    lines.append((w.numpy(), b))
    mistakes.append(int(wrong))
    if wrong == 0:
        break
print("mistakes in each epoch:", mistakes)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
for label, color in [(0, "tab:blue"), (1, "tab:orange")]:
    left.scatter(*points[labels == label].T, s=16, color=color, label=f"class {label}")
across = np.array([-1.0, 6.0])
for number, ((w1, w2), b) in enumerate(lines):
    last = number == len(lines) - 1
    left.plot(across, -(w1 * across + b) / w2, color="black", alpha=1.0 if last else 0.2)
left.set(title="the line after each epoch, the last in black", xlim=(-1, 6), ylim=(-1.5, 5.5))
left.set(xlabel="$x_1$", ylabel="$x_2$")
left.legend()
right.plot(range(1, len(mistakes) + 1), mistakes, "o-")
right.set(title="what is left to learn", xlabel="epoch", ylabel="mistakes")
right.xaxis.get_major_locator().set_params(integer=True)
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "perceptron.png")
