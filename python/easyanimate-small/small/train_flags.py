"""The command line of train_lora.py: the flags of EasyAnimate's own script."""

from __future__ import annotations

import argparse

# Taken so that a command line for the real home fits; a model of this size has no use for them.
IGNORED_VALUES = """config_path revision variant cache_dir max_train_samples validation_images vae_mini_batch vae_path logging_dir
tokenizer_max_length local_rank train_sampling_steps validation_epochs prediction_type non_ema_revision hub_token hub_model_id
input_perturbation checkpoints_total_limit""".split()
IGNORED_SWITCHES = """gradient_checkpointing enable_xformers_memory_efficient_attention use_8bit_adam allow_tf32 train_text_encoder
snr_loss random_ratio_crop random_frame_crop random_flip scale_lr push_to_hub""".split()


def add_sample_flags(parser: argparse.ArgumentParser) -> None:
    """Which model, and how its samples are read."""
    add = parser.add_argument
    add("--pretrained_model_name_or_path", required=True, help="folder that make_base_model.py made")
    add("--transformer_path", help="other weights for the transformer (.safetensors)")
    add("--train_data_dir", help="folder that relative video paths are in; default: that of the dataset")
    add("--train_data_meta", required=True, help="dataset: JSON list or JSON lines of samples with videos and text")
    add("--sample_size", type=int, default=64, help="side of the pictures in pixels, a multiple of 16")
    add("--sample_n_frames", type=int, default=16, help="frames of a sample, a multiple of 4")
    add("--sample_stride", type=int, default=1, help="take every n-th frame")
    add("--mixed_precision", choices=["no", "fp16", "bf16"])


def parse_flags() -> argparse.Namespace:
    """The flags of this process; exits with code 2 where one is wrong."""
    parser = argparse.ArgumentParser(description="Trains a LoRA for the small EasyAnimate model on captioned videos.")
    add = parser.add_argument
    add_sample_flags(parser)
    add("--train_batch_size", type=int, default=4)
    add("--gradient_accumulation_steps", type=int, default=1)
    add("--num_train_epochs", type=int, default=100)
    add("--max_train_steps", type=int, help="instead of --num_train_epochs")
    add("--dataloader_num_workers", type=int, default=0)
    add("--seed", type=int)
    add("--output_dir", required=True)
    add("--checkpointing_steps", type=int, default=500, help="write checkpoint-<step>.safetensors every n steps")
    add("--resume_from_checkpoint", help="name of a checkpoint folder in --output_dir")
    add("--validation_prompts", nargs="+", help="videos of these are made while it trains, for looking at")
    add("--validation_steps", type=int, default=500)
    add("--learning_rate", type=float, default=1e-4)
    add("--lr_scheduler", default="constant")
    add("--lr_warmup_steps", type=int, default=500)
    add("--adam_beta1", type=float, default=0.9)
    add("--adam_beta2", type=float, default=0.999)
    add("--adam_weight_decay", type=float, default=1e-2)
    add("--adam_epsilon", type=float, default=1e-8)
    add("--max_grad_norm", type=float, default=1.0)
    add("--rank", type=int, default=32)
    add("--network_alpha", type=int, default=32)
    add("--report_to", default="none", help="tracker for accelerate: tensorboard, wandb, …; none for no tracker")
    add("--tracker_project_name", default="easyanimate-small")
    add("--tracker_experiment_name", default="experiment1")
    for flag in IGNORED_VALUES:
        add(f"--{flag}", help=argparse.SUPPRESS)
    for flag in IGNORED_SWITCHES:
        add(f"--{flag}", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()
