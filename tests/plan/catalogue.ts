import type { ArgType, OpArg, OpCatalogue } from '../../plan/op-catalogue.ts';

const arg = (types: ArgType[], more: Partial<OpArg> = {}): OpArg => ({ types, required: false, ...more });

/** A few ops of Data-Juicer, as small as the tests need them. */
export const CATALOGUE: OpCatalogue = {
  dataJuicer: '1.6.1',
  recipeKeys: [
    'project_name',
    'dataset_path',
    'export_path',
    'export_original_dataset',
    'keep_stats_in_res_ds',
    'np',
    'percentiles',
    'process',
    'custom_operator_paths',
    'text_keys',
    'video_special_token',
  ],
  ops: {
    text_length_filter: {
      args: { min_len: arg(['int']), max_len: arg(['int']), min_closed_interval: arg(['bool']) },
      stats: ['text_len'],
    },
    alphanumeric_filter: {
      args: { min_ratio: arg(['float']), max_ratio: arg(['float']), tokenization: arg(['bool']) },
      stats: ['alpha_token_ratio', 'alnum_ratio'],
    },
    language_id_score_filter: {
      args: { lang: arg(['str', 'list']), min_score: arg(['float']) },
      stats: ['lang', 'lang_score'],
    },
    specified_numeric_field_filter: {
      args: { field_key: arg(['str']), min_value: arg(['float']), max_value: arg(['float']) },
      stats: [],
    },
    text_pair_similarity_filter: {
      args: { min_score: arg(['float'], { ge: 0, le: 1 }), max_score: arg(['float'], { ge: 0, le: 1 }) },
      stats: ['text_pair_similarity'],
    },
    image_size_filter: {
      args: { min_size: arg(['str'], { format: 'bytes' }), max_size: arg(['str'], { format: 'bytes' }) },
      stats: ['image_sizes'],
    },
    video_aspect_ratio_filter: {
      args: { min_ratio: arg(['str'], { format: 'fraction' }), max_ratio: arg(['str'], { format: 'fraction' }) },
      stats: ['video_aspect_ratios'],
    },
    video_motion_score_filter: {
      args: { min_score: arg(['float']), max_size: arg(['int', 'null'], { gt: 0 }) },
      stats: ['video_motion_score'],
    },
    random_selector: { args: { select_num: arg(['int', 'null']), select_ratio: arg(['float', 'null']) }, stats: [] },
    range_specified_field_selector: {
      args: { field_key: arg(['str']), lower_percentile: arg(['float']), upper_percentile: arg(['float']) },
      stats: [],
    },
    llm_extract_mapper: { args: { input_keys: arg(['list'], { required: true }) }, stats: [] },
  },
};
