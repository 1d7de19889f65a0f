"""What the launch shim adds to a training script that uses accelerate: whole checkpoints, resuming, stopping."""
