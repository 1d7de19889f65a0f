import type { ComponentRegistry, ComponentSpec } from '../plan/component.ts';
import type { Component } from './component.ts';
import { generateCocoMeta } from './convert/coco-caption-meta.ts';
import { convertCocoCaption } from './convert/coco-caption-to-dj.ts';
import { convertEasyAnimate } from './convert/easyanimate.ts';
import { evaluateAccuracy } from './evaluate/accuracy.ts';
import { evaluateDataCommand, evaluateModelCommand } from './evaluate/command.ts';
import { evaluateHeldOutLoss } from './evaluate/held-out-loss.ts';
import { evaluateInternVL } from './evaluate/internvl-coco-caption.ts';
import { evaluateMse } from './evaluate/mse.ts';
import { evaluateQualityClassifier } from './evaluate/quality-classifier.ts';
import { evaluateVBench } from './evaluate/vbench.ts';
import { evaluateVideoInception } from './evaluate/video-inception.ts';
import { evaluateVideoQuality } from './evaluate/video-quality.ts';
import { inferApi } from './infer/api.ts';
import { inferCommand } from './infer/command.ts';
import { inferEasyAnimate } from './infer/easyanimate.ts';
import { inferHuggingFace } from './infer/huggingface.ts';
import { inferVllm } from './infer/vllm.ts';
import { joinPools } from './pools/cartesian-join.ts';
import { combinePools } from './pools/combination.ts';
import { constructPools } from './pools/construction.ts';
import { downsamplePools } from './pools/downsampling.ts';
import { duplicatePools } from './pools/duplication.ts';
import { mergePools } from './pools/merging.ts';
import { probePoolRanking, rankPoolsInExecution } from './pools/ranking.ts';
import { probeAnalyzer } from './probe/analyzer.ts';
import { probeModelInfer } from './probe/model-infer.ts';
import { processDataJuicer } from './process/data-juicer.ts';
import { refineKSigma } from './refine/k-sigma.ts';
import { refineModelFeedback } from './refine/model-feedback.ts';
import { trainCommand } from './train/command.ts';
import { trainEasyAnimate } from './train/easyanimate.ts';
import { trainInternVL } from './train/internvl-coco-caption.ts';
import { trainModelScope } from './train/modelscope.ts';
import { trainTrinity } from './train/trinity-rft.ts';

/** Everything that a host worker can run. */
export const components: readonly Component[] = [
  probeAnalyzer,
  probeModelInfer,
  refineKSigma,
  refineModelFeedback,
  processDataJuicer,
  probePoolRanking,
  constructPools,
  combinePools,
  duplicatePools,
  downsamplePools,
  rankPoolsInExecution,
  mergePools,
  joinPools,
  convertEasyAnimate,
  convertCocoCaption,
  generateCocoMeta,
  trainEasyAnimate,
  trainCommand,
  trainModelScope,
  trainTrinity,
  trainInternVL,
  inferEasyAnimate,
  inferHuggingFace,
  inferVllm,
  inferApi,
  inferCommand,
  evaluateVBench,
  evaluateVideoQuality,
  evaluateAccuracy,
  evaluateMse,
  evaluateVideoInception,
  evaluateQualityClassifier,
  evaluateHeldOutLoss,
  evaluateInternVL,
  evaluateDataCommand,
  evaluateModelCommand,
];

/** Everything that a config may name, as `compile` takes it. */
export const registry: ComponentRegistry = [...components];

/** Adds a user's own: whoever asks from then on finds it beside the rest. */
export function addComponent(component: Component): void {
  (components as Component[]).push(component);
  (registry as ComponentSpec[]).push(component);
}
