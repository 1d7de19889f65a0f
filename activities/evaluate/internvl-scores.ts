/** What COCO's caption evaluation (pycocoevalcap) measures, by its own names. */
export const DIMENSIONS = ['Bleu_1', 'Bleu_2', 'Bleu_3', 'Bleu_4', 'METEOR', 'ROUGE_L', 'CIDEr'] as const;

const NUMBER = '-?[0-9]+(?:\\.[0-9]+)?(?:e[+-]?[0-9]+)?';

/**
 * Scores in a log of InternVL's evaluate_caption.py, and their mean as `avg_score`: from the summary that it prints at the end
 * (`dict_items([('Bleu_1', 0.7971…), …])`), else from pycocoevalcap's own lines (`Bleu_1: 0.797`), the last of each. Null where there is none.
 */
export function captionScores(log: string): Record<string, number> | null {
  const scores = Object.fromEntries(
    DIMENSIONS.flatMap(name => {
      const score =
        last(log, `\\('${name}', (?:np\\.float64\\()?(${NUMBER})`) ?? last(log, `^${name}: (${NUMBER})\\s*$`);
      return score === null ? [] : [[name, score]];
    }),
  );
  const values = Object.values(scores);
  if (values.length === 0) return null;
  return { ...scores, avg_score: values.reduce((sum, value) => sum + value, 0) / values.length };
}

function last(log: string, pattern: string): number | null {
  const found = [...log.matchAll(new RegExp(pattern, 'gmi'))].at(-1)?.[1];
  return found === undefined ? null : Number(found);
}
