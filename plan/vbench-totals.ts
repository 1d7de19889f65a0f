// VBench's dimensions and its official totals (Huang et al., CVPR 2024; the constants of its leaderboard).

interface Dimension {
  /** Raw scores are scaled from this range to 0…1. */
  min: number;
  max: number;
  weight: number;
}

const unit: Dimension = { min: 0, max: 1, weight: 1 };

/** The seven that judge the video itself. */
const QUALITY: Record<string, Dimension> = {
  subject_consistency: { ...unit, min: 0.1462 },
  background_consistency: { ...unit, min: 0.2615 },
  temporal_flickering: { ...unit, min: 0.6293 },
  motion_smoothness: { ...unit, min: 0.706, max: 0.9975 },
  dynamic_degree: { ...unit, weight: 0.5 },
  aesthetic_quality: unit,
  imaging_quality: unit,
};

/** The nine that judge how well it shows what was asked for. */
const SEMANTIC: Record<string, Dimension> = {
  object_class: unit,
  multiple_objects: unit,
  human_action: unit,
  color: unit,
  spatial_relationship: unit,
  scene: { ...unit, max: 0.8222 },
  appearance_style: { ...unit, min: 0.0009, max: 0.2855 },
  temporal_style: { ...unit, max: 0.364 },
  overall_consistency: { ...unit, max: 0.364 },
};

export const VBENCH_DIMENSIONS: readonly string[] = [...Object.keys(QUALITY), ...Object.keys(SEMANTIC)];

/** Dimensions that need VBench's own prompts with what it says about them: no `custom_input` mode. */
export const STANDARD_ONLY: readonly string[] = [
  'object_class',
  'multiple_objects',
  'scene',
  'appearance_style',
  'color',
  'spatial_relationship',
];

const QUALITY_WEIGHT = 4;
const SEMANTIC_WEIGHT = 1;

/** Official totals, 0…1 (VBench shows them as per cent); each is there only where all of its dimensions are. */
export interface VBenchTotals {
  quality?: number;
  semantic?: number;
  total?: number;
}

/** Quality and Semantic are weighted means of scaled scores, Total = (4 · Quality + Semantic) / 5. `scores`: raw score by dimension. */
export function vbenchTotals(scores: Readonly<Record<string, number>>): VBenchTotals {
  const quality = weightedMean(QUALITY, scores);
  const semantic = weightedMean(SEMANTIC, scores);
  return {
    ...(quality !== null && { quality }),
    ...(semantic !== null && { semantic }),
    ...(quality !== null &&
      semantic !== null && {
        total: (QUALITY_WEIGHT * quality + SEMANTIC_WEIGHT * semantic) / (QUALITY_WEIGHT + SEMANTIC_WEIGHT),
      }),
  };
}

function weightedMean(dimensions: Record<string, Dimension>, scores: Readonly<Record<string, number>>): number | null {
  let sum = 0;
  let weights = 0;
  for (const [name, { min, max, weight }] of Object.entries(dimensions)) {
    const score = scores[name];
    if (score === undefined) return null;
    sum += (weight * (score - min)) / (max - min);
    weights += weight;
  }
  return sum / weights;
}
