# %% [markdown]
# # The chain rule, drawn
# A loss is computed step by step, from the inputs to the right. The gradient goes back the same way: each step
# multiplies what comes from the right by its own derivative, and hands it to its inputs.

# %%
import sys

import pynn

x = pynn.tensor(3.0)
y = pynn.tensor(7.0)
w = pynn.tensor(2.0, requires_grad=True)
b = pynn.tensor(-1.0, requires_grad=True)

product = w * x
z = product + b
output = pynn.relu(z)
error = output - y
loss = error * error

# %% [markdown]
# By hand, from the loss back to the weights:

# %%
d_error = 2 * error.item()  # loss = error * error
d_output = d_error * 1  # error = output - y
d_z = d_output * 1  # output = relu(z), and z is above 0
d_b = d_z * 1  # z = product + b
d_product = d_z * 1
d_w = d_product * x.item()  # product = w * x
print(f"by hand:  dloss/dw = {d_w}, dloss/db = {d_b}")

# %% [markdown]
# By the tape, which remembers each step:

# %%
loss.backward()
print(f"by pynn:  dloss/dw = {w.grad.item()}, dloss/db = {b.grad.item()}")
assert (d_w, d_b) == (w.grad.item(), b.grad.item())

# %% [markdown]
# Every box shows its value and, in red, the derivative of the loss with respect to it.

# %%
drawing = pynn.viz.graph(loss, x=x, y=y, w=w, b=b, z=z, output=output, error=error, loss=loss)
drawing.save(sys.argv[1] if len(sys.argv) > 1 else "chain_rule.svg")
