/** What ran in the test of a component: the real thing; the real code on a model that is small or made by the test; a program of ours that plays it. */
export type Here = 'real' | 'real, small' | 'player';

/** The one place that says how each component that runs was tried: what ran, and in which test (`<file in tests>: <words of its title>`). */
export const EVIDENCE: Record<string, { here: Here; test: string }> = {
  'probe.analyzer': {
    here: 'real',
    test: 'real/activities/data-juicer-jobs: the text example probes, refines by what it probed',
  },
  'probe.model-infer': {
    here: 'real, small',
    test: 'slow-data/model-infer: a real pipeline finds the texts whose labels were changed',
  },
  'probe.data-pool-ranking': {
    here: 'real',
    test: 'activities/pools/ranking: gives the paths of the pools, best first',
  },
  'refine.k-sigma': {
    here: 'real',
    test: 'real/activities/data-juicer-jobs: the text example probes, refines by what it probed',
  },
  'refine.model-feedback': {
    here: 'real',
    test: 'real/pools-trial: refines the recipe by the pool whose scores were better',
  },
  'process.data-juicer': {
    here: 'real',
    test: 'real/activities/data-juicer-jobs: the text example probes, refines by what it probed',
  },
  'pools.construction': { here: 'real', test: 'real/pools: sorts by each stat' },
  'pools.combination': { here: 'real', test: 'real/pools: writes all intersections that have samples' },
  'pools.duplication': { here: 'real', test: 'real/pools: ×n holds n copies of each sample' },
  'pools.downsampling': { here: 'real', test: 'real/pools: downsampling gives a subset of the size that is asked' },
  'pools.ranking': { here: 'real', test: 'activities/pools/ranking: gives the paths of the pools, best first' },
  'pools.merging': { here: 'real', test: 'real/pools: merges pools in their order' },
  'pools.cartesian-join': { here: 'real', test: 'real/pools: joins each sample of one pool with each of another' },
  'convert.easyanimate': {
    here: 'real',
    test: 'activities/convert/easyanimate: gives each sample its first video as an absolute file_path',
  },
  'convert.coco-caption-to-dj': { here: 'real', test: 'real/pools: get images and a text with the mark of an image' },
  'convert.coco-caption-meta': {
    here: 'real',
    test: 'real/pools: have a meta file that names the dataset from the root',
  },
  'train.easyanimate': {
    here: 'real, small',
    test: 'real/easyanimate: publishes the model folder, with losses from its log',
  },
  'train.command': {
    here: 'real, small',
    test: 'slow-data/command: killed, told by SIGTERM, or held exactly at a rung comes to the same bytes',
  },
  'train.modelscope': {
    here: 'real, small',
    test: 'slow-data/modelscope: a real trainer that is killed, and held in the middle of an epoch',
  },
  'train.trinity-rft': {
    here: 'player',
    test: 'real/trinity-rft: killed, it goes on from a checkpoint that is whole',
  },
  'train.internvl-coco-caption': {
    here: 'player',
    test: 'real/internvl-train: killed, it goes on from its newest checkpoint',
  },
  'infer.easyanimate': { here: 'real, small', test: 'real/easyanimate: names videos as VBench expects them' },
  'infer.huggingface': {
    here: 'real, small',
    test: 'slow-data/infer-huggingface: a real chat model answers each sample',
  },
  'infer.vllm': { here: 'player', test: 'real/infer-vllm: vLLM gets many chats at a time' },
  'infer.api': { here: 'player', test: 'real/infer-api: a server that has a bad day is asked again' },
  'infer.command': { here: 'real, small', test: 'slow-data/command: is a trial that trains, predicts and scores' },
  'evaluate.vbench': { here: 'real', test: 'real/vbench: VBench itself scores a frozen video above a flickering one' },
  'evaluate.video-quality': { here: 'real', test: 'real/video-quality: frozen, flickering, moving and blurred videos' },
  'evaluate.video-inception': {
    here: 'real, small',
    test: 'real/video-inception: measures of clips of real videos are those that SciPy gives',
  },
  'evaluate.quality-classifier': {
    here: 'real, small',
    test: "real/quality-classifier: a classifier that Data-Juicer's own tool trained",
  },
  'evaluate.accuracy': { here: 'real', test: 'real/comparison: accuracy is the share of equal labels' },
  'evaluate.mse': { here: 'real', test: 'real/comparison: several datasets are compared each with its own truth' },
  'evaluate.data-command': {
    here: 'real',
    test: 'activities/command/command: has the score and all numbers of its result file',
  },
  'evaluate.command': {
    here: 'real',
    test: 'activities/command/command: has the score and all numbers of its result file',
  },
  'evaluate.held-out-loss': {
    here: 'real, small',
    test: 'real/easyanimate: the loss on held-out clips is measured at the same times',
  },
  'evaluate.internvl-coco-caption': {
    here: 'player',
    test: 'real/internvl-scores: each checkpoint is scored by its own call',
  },
};
