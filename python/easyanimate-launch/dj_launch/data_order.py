"""A data order that depends on seed and epoch only, and that can start in the middle of an epoch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice

import torch
from accelerate.utils import set_seed
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, Sampler


def seed_from(*parts: int) -> int:
    """A seed of 32 bits for a place in a training, such as seed, step and process."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4], "little")


class _Order(Sampler):
    """Yields (epoch, index): every epoch has its own order."""

    def __init__(self, size: int, seed: int) -> None:
        self.size, self.seed, self.epoch = size, seed, 0

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[tuple[int, int]]:
        epoch = self.epoch
        self.epoch += 1
        generator = torch.Generator().manual_seed(seed_from(self.seed, epoch))
        return iter([(epoch, index) for index in torch.randperm(self.size, generator=generator).tolist()])


class OrderedBatches(BatchSampler):
    """Batches of an order; the first epoch may start at a later batch."""

    def __init__(self, size: int, seed: int, batch_size: int, drop_last: bool) -> None:
        super().__init__(_Order(size, seed), batch_size, drop_last)
        self.skip = 0

    def start_at(self, epoch: int, batch: int) -> None:
        self.sampler.epoch, self.skip = epoch, batch

    def __iter__(self) -> Iterator[list]:
        # A generator, so that nothing is spent before the first batch is asked for: a DataLoader with workers makes two iterators.
        skip, self.skip = self.skip, 0
        yield from islice(super().__iter__(), skip, None)


class _SeededDataset(Dataset):
    """Draws what an item takes at random (such as where in a video it starts) from seed, epoch and index."""

    def __init__(self, dataset: Dataset, seed: int) -> None:
        self.dataset, self.seed = dataset, seed

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, place: tuple[int, int]) -> object:
        epoch, index = place
        set_seed(seed_from(self.seed, epoch, index))
        return self.dataset[index]


def in_order(loader: DataLoader, seed: int) -> DataLoader | None:
    """The same data loader with an order of ours; None where its own order is not a plain shuffle."""
    plain = isinstance(loader.batch_sampler, BatchSampler) and type(loader.batch_sampler) is BatchSampler
    if not plain or type(loader.sampler) is not RandomSampler or loader.sampler.replacement:
        return None
    return DataLoader(
        _SeededDataset(loader.dataset, seed),
        batch_sampler=OrderedBatches(len(loader.dataset), seed, loader.batch_size, loader.drop_last),
        num_workers=loader.num_workers,
        collate_fn=loader.collate_fn,
        pin_memory=loader.pin_memory,
        timeout=loader.timeout,
        worker_init_fn=loader.worker_init_fn,
        multiprocessing_context=loader.multiprocessing_context,
        prefetch_factor=loader.prefetch_factor,
        persistent_workers=loader.persistent_workers,
    )
