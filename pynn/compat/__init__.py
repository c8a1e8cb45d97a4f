"""Other libraries' names over pynn: `import pynn.compat.tf as tf` for cells written for TensorFlow."""
