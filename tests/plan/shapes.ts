// Configs of the shapes that the original publishes, in words of our own.

/** Probe, refine, process, train, probe again, score: jobs find each other by paths alone (older generation). */
export const BY_PATHS = `
project_name: quick-look
experiment_name: quick-look-1
hpo_config: null

probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: before
    dj_configs: recipes/short-texts.yaml
    extra_configs:

refine_recipe_job_configs:
  - hook: RefineRecipeViaKSigmaHook
    meta_name: before
    dj_configs: recipes/short-texts.yaml
    extra_configs:
      path_k_sigma_recipe: ./out/refined.yaml

execution_job_configs:
  - hook: ProcessDataHook
    meta_name:
    dj_configs: ./out/refined.yaml
    extra_configs:
  - hook: TrainModelHook
    meta_name:
    dj_configs:
    extra_configs: trainers/gpt.json

evaluation_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: after
    dj_configs: recipes/short-texts.yaml
    extra_configs:
  - hook: EvaluateDataHook
    meta_name: score
    dj_configs:
    extra_configs: scorers/quality.yaml
`;

/** The same, where inputs and outputs say what goes where (newer generation). */
export const BY_INPUTS = `
project_name: quick-look
work_dir: ./out/work
probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: before
    dj_configs: recipes/short-texts.yaml
refine_recipe_job_configs:
  - hook: RefineRecipeViaKSigmaHook
    meta_name: before
    output: recipe
    dj_configs: recipes/short-texts.yaml
    extra_configs: {path_k_sigma_recipe: ./out/refined.yaml}
execution_job_configs:
  - hook: ProcessDataHook
    meta_name: clean
    input: {dj_configs: -1.recipe}
    local: {dj_configs.np: 2}
    output: cleaned
    dj_configs: <auto_replaced_with_previous_output>
  - hook: TrainModelHook
    meta_name: train
    input: {extra_configs.train_dataset: -1.cleaned}
    extra_configs: trainers/gpt.json
evaluation_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: after
    input: {dj_configs.dataset_path: anonymous.clean.cleaned}
    dj_configs: recipes/short-texts.yaml
  - hook: EvaluateDataHook
    meta_name: score
    input: {extra_configs.dataset_path: anonymous.clean.cleaned}
    extra_configs: scorers/quality.yaml
`;

export const TEXT_FILES = {
  'recipes/short-texts.yaml': `
project_name: short-texts
dataset_path: ./data/d.jsonl
np: 4
export_path: ./out/cleaned.jsonl
process:
  - text_length_filter:
      min_len: 20
      max_len: 2000
`,
  'trainers/gpt.json': JSON.stringify({
    type: 'modelscope',
    model_name: 'someone/small-gpt',
    trainer_name: 'a-trainer',
    work_dir: './out/model/',
    train_dataset: './out/cleaned.jsonl',
    train: { max_epochs: 2, optimizer: { lr: 3e-4 } },
  }),
  'scorers/quality.yaml': 'type: dj_text_quality_classifier\ndataset_path: ./out/cleaned.jsonl\n',
};

const VIDEO_TAIL = `
  - hook: GeneralDataExecutorHook
    meta_name: to_trainer_format
    extra_configs:
      type: dj_to_easyanimate_video_dataset_conversion
      dataset_path: ./out/bench/ITER/chosen.json
      export_path: ./out/bench/
  - hook: TrainModelHook
    meta_name:
    extra_configs: ./video/train.yaml
  - hook: InferModelHook
    meta_name:
    extra_configs: ./video/infer.yaml
evaluation_job_configs:
  - hook: EvaluateDataHook
    meta_name: scores
    extra_configs: ./video/score.yaml
`;

/** Probe with stats kept, choose the upper third, sample, convert, train, infer, score. \`iter\`: spelt with \`iter_1\` folders. */
export const videoPipeline = (iter: boolean) =>
  `
project_name: bench
work_dir: ./out/bench
probe_job_configs:
  - hook: ProbeViaAnalyzerHook
    meta_name: scores_of_captions
    dj_configs:
      dataset_path: ./data/d.jsonl
      percentiles: [0.333, 0.667]
      export_path: ./out/bench/with-scores.jsonl
      export_original_dataset: true
      process:
        - language_id_score_filter: {lang: en, min_score: 0.5}
refine_recipe_job_configs:
execution_job_configs:
  - hook: ProcessDataHook
    meta_name:
    dj_configs:
      dataset_path: ./out/bench/ITER/with-scores.jsonl
      export_path: ./out/bench/upper.jsonl
      process:
        - range_specified_field_selector:
            field_key: __dj__stats__.lang_score
            lower_percentile: 0.667
            upper_percentile: 1.000
  - hook: ProcessDataHook
    meta_name:
    dj_configs:
      dataset_path: ./out/bench/ITER/upper.jsonl
      export_path: ./out/bench/chosen.json
      process:
        - random_selector: {select_num: 8}
${VIDEO_TAIL}`.replaceAll('ITER', iter ? 'iter_1' : '.');

export const VIDEO_FILES = {
  'thirdparty/models/EasyAnimate/train_lora.sh': '',
  'video/train.yaml': `
type: easyanimate
env_name: someenv
train:
  tracker_config: {project_name: bench, experiment_name: one}
  model_path:
    pretrained_model_name_or_path: someone/some-model
    transformer_path: /base/models/base
  dataset_path:
    dataset_name: ''
    dataset_meta_name: ../../../out/bench/iter_1/chosen_ea_fmt.json
  training_config:
    {sample_size: 64, mixed_precision: bf16, batch_size_per_gpu: 2, num_train_epochs: 1, seed: 42}
  saving_config: {output_dir: ../../../out/bench/models}
`,
  'video/infer.yaml': `
type: easyanimate
train:
  model_path:
    pretrained_model_name_or_path: someone/some-model
    transformer_path: /base/models/base
    lora_path: ../../../out/bench/models/checkpoint-1.safetensors
  infer_config: {prompt_info_path: ../../../prompts.json, seed: 43, image_size: 64}
  saving_config: {output_video_dir: ../../../out/bench/videos}
`,
  'video/score.yaml': `
type: vbench_video_evaluator
full_json_dir: ./prompts.json
videos_path: ./out/bench/videos
output_path: ./out/bench/scores
dimension_list:
  - temporal_flickering
  - motion_smoothness
`,
};

/** Two pipelines that iterate until prompts are good enough: the second ranks and merges what the first made. */
export const ITERATING = `
project_name: prompts
max_iter_num: 5
iter_targets:
  - make.judge.least <= 0.2
iter_updater:
  choose.merge.merged: make.write.dj_configs.dataset_path
resume: true
pipelines:
  - make:
      execution_job_configs:
        - hook: ProcessDataHook
          meta_name: write
          output: prompts
          dj_configs: {dataset_path: data/d.jsonl, export_path: out/prompts.jsonl, process: []}
        - hook: DataPoolManipulationHook
          meta_name: split
          input: {extra_configs.dataset_path: -1.prompts}
          output: pools
          extra_configs:
            type: data_pool_construction
            dataset_path: <filled>
            export_path: out/pools/
            split_num: 1
            ignore_stats: true
        - hook: InferModelHook
          meta_name: ask
          input: {extra_configs.dataset_path: -1.pools}
          output: answers
          extra_configs: {type: api, model: some-model, dataset_path: <filled>, export_path: out/answers/}
      evaluation_job_configs:
        - hook: EvaluateDataHook
          meta_name: judge
          input: {extra_configs.predicted_dataset_path: -1.answers}
          output: [each, least]
          extra_configs:
            {type: mse, predicted_dataset_path: <filled>, predicted_value_key: grade, ground_truth_value_key: truth}
  - choose:
      probe_job_configs:
        - hook: GeneralProbeHook
          meta_name: rank
          input:
            extra_configs.dataset_path: make.split.pools
            extra_configs.metrics: -1.each
          output: best
          extra_configs: {type: data_pool_ranking, dataset_path: <filled>, metrics: <filled>, ranking_keys: [mse], top_n: 3}
      execution_job_configs:
        - hook: DataPoolManipulationHook
          meta_name: merge
          input: {extra_configs.dataset_path: -1.best}
          output: merged
          extra_configs: {type: data_pool_merging, dataset_path: <filled>, export_path: out/merged/}
`;
