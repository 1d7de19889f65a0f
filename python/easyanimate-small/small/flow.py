"""Flow matching: the training loss and the sampler."""

from __future__ import annotations

import torch
from diffusers import FlowMatchEulerDiscreteScheduler

TIMESTEPS = 1000


def flow_loss(transformer: torch.nn.Module, latents: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """Mean square error of the predicted velocity (noise − latents) at random times, from the global random generator."""
    # Spread over 0…1 within a batch: the loss of a small batch says more.
    batch = latents.shape[0]
    time = (torch.rand(1, device=latents.device) + torch.arange(batch, device=latents.device) / batch) % 1
    noise = torch.randn_like(latents)
    at = time.view(-1, 1, 1, 1, 1)
    predicted = transformer((1 - at) * latents + at * noise, time * TIMESTEPS, encoder_hidden_states=text).sample
    return torch.nn.functional.mse_loss(predicted.float(), (noise - latents).float())


@torch.no_grad()
def sample(transformer: torch.nn.Module, noise: torch.Tensor, text: torch.Tensor, steps: int) -> torch.Tensor:
    """Latents from noise in `steps` Euler steps."""
    scheduler = FlowMatchEulerDiscreteScheduler(num_train_timesteps=TIMESTEPS)
    scheduler.set_timesteps(steps, device=noise.device)
    latents = noise
    for timestep in scheduler.timesteps:
        velocity = transformer(latents, timestep.expand(len(latents)), encoder_hidden_states=text).sample
        latents = scheduler.step(velocity, timestep, latents).prev_sample
    return latents
