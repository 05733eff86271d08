"""Published architectures in plain PyTorch, with the tensor names and shapes of the published checkpoints."""
