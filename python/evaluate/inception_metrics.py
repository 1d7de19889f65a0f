"""Distances and scores of sets of features, [items, features], in double precision.

The numbers are those of Data-Juicer's own evaluator by definition (weights, splits, factors), except that the Fréchet distance uses all
features: the original adds groups of columns together for FID, so that its FID compares with no other.
"""

import numpy as np
import torch

SUBSETS = 100
SUBSET_SIZE = 1000
SPLITS = 10
NEIGHBOUR = 3
ROWS = 1024


def frechet_distance(real: np.ndarray, fake: np.ndarray, real_weights: np.ndarray, fake_weights: np.ndarray) -> float:
    """|μ₁ - μ₂|² + tr(Σ₁ + Σ₂ - 2(Σ₁Σ₂)^½) of two Gaussians fitted to weighted features (Heusel et al. 2017; FVD: Unterthiner et al. 2018)."""
    mean, covariance = _moments(real, real_weights)
    other_mean, other_covariance = _moments(fake, fake_weights)
    # (Σ₁Σ₂)^½ and (Σ₁^½ Σ₂ Σ₁^½)^½ have one trace; the latter is symmetric, so its eigenvalues are real however singular it is.
    root = _root(covariance)
    eigenvalues = np.linalg.eigvalsh(root @ other_covariance @ root)
    trace_of_root = np.sqrt(np.clip(eigenvalues, 0, None)).sum()
    difference = mean - other_mean
    distance = difference @ difference + np.trace(covariance) + np.trace(other_covariance) - 2 * trace_of_root
    return max(float(distance), 0.0)


def _moments(features: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and covariance, divided by the sum of the weights."""
    features = features.astype(np.float64)
    shares = weights / weights.sum()
    mean = shares @ features
    centred = features - mean
    return mean, centred.T @ (centred * shares[:, None])


def _root(matrix: np.ndarray) -> np.ndarray:
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(eigenvalues, 0, None))) @ vectors.T


def kernel_distance(real: np.ndarray, fake: np.ndarray, random: np.random.Generator) -> float:
    """Squared maximum mean discrepancy, kernel (x·y / d + 1)³, unbiased, mean over 100 subsets of at most 1000 (Bińkowski et al. 2018)."""
    size = min(len(real), len(fake), SUBSET_SIZE)
    total = 0.0
    for _ in range(SUBSETS):
        x = fake[random.choice(len(fake), size, replace=False)].astype(np.float64)
        y = real[random.choice(len(real), size, replace=False)].astype(np.float64)
        within = _kernel(x, x) + _kernel(y, y)
        total += (within.sum() - np.trace(within)) / (size - 1) - 2 * _kernel(x, y).sum() / size
    return float(total / SUBSETS / size)


def _kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return (x @ y.T / x.shape[1] + 1) ** 3


def inception_score(probabilities: np.ndarray) -> tuple[float, float]:
    """Mean and deviation over ten splits of exp(E KL(p(y|x) ‖ p(y))) (Salimans et al. 2016)."""
    count = len(probabilities)
    scores = []
    for split in range(SPLITS):
        part = probabilities[split * count // SPLITS : (split + 1) * count // SPLITS].astype(np.float64)
        ratio = np.divide(part, part.mean(axis=0, keepdims=True), out=np.ones_like(part), where=part > 0)
        scores.append(np.exp((part * np.log(ratio)).sum(axis=1).mean()))
    return float(np.mean(scores)), float(np.std(scores))


def precision_recall(real: np.ndarray, fake: np.ndarray, device: torch.device) -> tuple[float, float]:
    """Shares of fakes among the reals' neighbourhoods and the other way round, up to the third neighbour (Kynkäänniemi et al. 2019)."""
    reals, fakes = (torch.from_numpy(features).to(device) for features in (real, fake))
    return _covered(reals, fakes), _covered(fakes, reals)


def _covered(manifold: torch.Tensor, probes: torch.Tensor) -> float:
    radii = torch.cat([_distances(rows, manifold).kthvalue(NEIGHBOUR + 1).values for rows in manifold.split(ROWS)])
    inside = [(_distances(rows, manifold) <= radii).any(dim=1) for rows in probes.split(ROWS)]
    return float(torch.cat(inside).double().mean())


def _distances(rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    # By differences: products cancel, and a feature would lie beside itself.
    return torch.cdist(rows, columns, compute_mode="donot_use_mm_for_euclid_dist")
