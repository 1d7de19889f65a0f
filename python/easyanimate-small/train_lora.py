"""Trains a LoRA for the small EasyAnimate model: the flags, dataset format, log and files of EasyAnimate's own train_lora.py.

Like that one it saves only the LoRA (`checkpoint-<step>.safetensors`); saving and resuming the whole state of a training is what the launch
shim adds.
"""

from __future__ import annotations

import logging
import math
import os
import sys

import torch
from accelerate import Accelerator
from accelerate.logging import get_logger
from accelerate.utils import ProjectConfiguration, set_seed
from diffusers.optimization import get_scheduler
from small.dataset import DatasetError, VideoDataset
from small.flow import flow_loss
from small.lora import LoraNetwork
from small.model import TEXT_DIM, BaseModel, ModelError, load_base_model
from small.sampling import generate
from small.text import encode_texts
from small.train_flags import parse_flags
from small.video_file import write_video
from tqdm.auto import tqdm

logger = get_logger(__name__, log_level="INFO")


def save_validation_videos(args, model: BaseModel, step: int) -> None:
    """A video of each validation prompt as the model is now."""
    folder = os.path.join(args.output_dir, "sample")
    os.makedirs(folder, exist_ok=True)
    videos = generate(model, args.validation_prompts, 0, args.seed or 0, args.sample_size, args.sample_n_frames)
    for number, frames in enumerate(videos):
        write_video(os.path.join(folder, f"sample-{step}-{number}.mp4"), frames, fps=12)


def main() -> None:
    args = parse_flags()
    logging.basicConfig(format="%(asctime)s - %(levelname)s - %(name)s - %(message)s", level=logging.INFO)
    accelerator = Accelerator(
        gradient_accumulation_steps=args.gradient_accumulation_steps,
        mixed_precision=args.mixed_precision,
        log_with=None if args.report_to == "none" else args.report_to,
        project_config=ProjectConfiguration(project_dir=args.output_dir, logging_dir=os.path.join(args.output_dir, "logs")),
    )
    if args.seed is not None:
        set_seed(args.seed)
    os.makedirs(args.output_dir, exist_ok=True)
    weight_dtype = {"fp16": torch.float16, "bf16": torch.bfloat16}.get(accelerator.mixed_precision, torch.float32)

    model = load_base_model(args.pretrained_model_name_or_path, args.transformer_path)
    network = LoraNetwork(model.transformer, args.rank, args.network_alpha)
    dataset = VideoDataset(args.train_data_meta, args.train_data_dir, args.sample_size, args.sample_n_frames, args.sample_stride)
    dataloader = torch.utils.data.DataLoader(
        dataset,
        shuffle=True,
        persistent_workers=args.dataloader_num_workers != 0,
        batch_size=args.train_batch_size,
        num_workers=args.dataloader_num_workers,
    )
    optimizer = torch.optim.AdamW(
        network.parameters(),
        lr=args.learning_rate,
        betas=(args.adam_beta1, args.adam_beta2),
        weight_decay=args.adam_weight_decay,
        eps=args.adam_epsilon,
    )
    steps_per_epoch = math.ceil(len(dataloader) / args.gradient_accumulation_steps)
    total = args.max_train_steps or args.num_train_epochs * steps_per_epoch
    lr_scheduler = get_scheduler(
        args.lr_scheduler,
        optimizer=optimizer,
        num_warmup_steps=args.lr_warmup_steps * accelerator.num_processes,
        num_training_steps=total * accelerator.num_processes,
    )
    network, optimizer, dataloader, lr_scheduler = accelerator.prepare(network, optimizer, dataloader, lr_scheduler)
    steps_per_epoch = math.ceil(len(dataloader) / args.gradient_accumulation_steps)
    total = args.max_train_steps or args.num_train_epochs * steps_per_epoch
    model.transformer.to(accelerator.device)
    model.codec.to(accelerator.device)
    if accelerator.is_main_process:
        accelerator.init_trackers(args.tracker_project_name)

    logger.info("***** Running training *****")
    logger.info(f"  Num examples = {len(dataset)}")
    logger.info(f"  Total optimization steps = {total}")
    step = 0
    if args.resume_from_checkpoint:
        checkpoint = os.path.basename(args.resume_from_checkpoint)
        accelerator.print(f"Resuming from checkpoint {checkpoint}")
        accelerator.load_state(os.path.join(args.output_dir, checkpoint))
        step = int(checkpoint.split("-")[1])

    def save_lora() -> None:
        file = os.path.join(args.output_dir, f"checkpoint-{step}.safetensors")
        accelerator.print(f"\nsaving checkpoint: {file}")
        accelerator.unwrap_model(network).save_weights(file, weight_dtype, None)

    bar = tqdm(total=total, initial=step, desc="Steps", disable=not accelerator.is_local_main_process)
    while step < total:
        train_loss = 0.0
        for batch in dataloader:
            with accelerator.accumulate(network):
                latents = model.codec.encode(batch["pixel_values"].to(accelerator.device))
                text = encode_texts(batch["text"], TEXT_DIM).to(accelerator.device)
                loss = flow_loss(network, latents, text)
                train_loss += accelerator.gather(loss.detach()).mean().item() / args.gradient_accumulation_steps
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(network.parameters(), args.max_grad_norm)
                optimizer.step()
                lr_scheduler.step()
                optimizer.zero_grad()
            if accelerator.sync_gradients:
                bar.update(1)
                step += 1
                accelerator.log({"train_loss": train_loss}, step=step)
                train_loss = 0.0
                if accelerator.is_main_process:
                    if step % args.checkpointing_steps == 0:
                        save_lora()
                    if args.validation_prompts and step % args.validation_steps == 0:
                        save_validation_videos(args, model, step)
            bar.set_postfix(step_loss=loss.detach().item(), lr=lr_scheduler.get_last_lr()[0])
            if step >= total:
                break

    bar.close()
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        save_lora()
    accelerator.end_training()


if __name__ == "__main__":
    try:
        main()
    except (DatasetError, ModelError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
