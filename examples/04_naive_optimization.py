# %% [markdown]
# # Turning knobs
# A network with 25 knobs shall draw a sine. The naive way to train it: nudge one knob a little, see how the loss
# changes, put the knob back, and do so for each. Then turn every knob against its slope. The gradient gives the same
# slopes, all of them in one pass backwards.

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np

import pynn

x = pynn.linspace(-3.0, 3.0, 60).reshape(60, 1)
target = pynn.sin(x)
start = np.random.default_rng(4).normal(0.0, 1.0, 25).astype("float32")


def network(knobs):
    hidden = pynn.tanh(x * knobs[0:8] + knobs[8:16])
    return pynn.sum(hidden * knobs[16:24], axis=1, keepdims=True) + knobs[24]


def loss(knobs):
    return pynn.mean((network(knobs) - target) ** 2)


# %%
def nudged_slopes(knobs, nudge=0.001):
    here = loss(knobs)
    slopes = np.zeros(25, "float32")
    for i in range(25):
        moved = knobs.copy()
        moved[i] += nudge
        slopes[i] = (loss(moved) - here) / nudge
    return slopes


knobs, losses = start.copy(), []
for step in range(200):
    knobs -= 0.05 * nudged_slopes(knobs)
    losses.append(loss(knobs).item())
print(
    f"loss {loss(start).item():.3f} at the start, {losses[-1]:.4f} after {25 * 200 + 200:,} looks at the loss"
)

# %%
gradient = pynn.grad(loss)(start)
difference = np.abs(nudged_slopes(start) - gradient.numpy()).max()
print(f"slopes by nudging and by the gradient differ by {difference:.4f} at most")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
left.plot(x, target, "k--", label="sine")
left.plot(x, network(start), alpha=0.5, label="at the start")
left.plot(x, network(knobs), label="after 200 steps")
left.set(title="what the network draws", xlabel="x")
left.legend()
right.semilogy(losses)
right.set(title="every knob against its slope", xlabel="step", ylabel="mean squared error")
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "naive_optimization.png")
