import { programSentence } from './program-sentence.ts';
import { vbenchCache, weightsAdvice } from './vbench-weights.ts';

const MISSING_PACKAGE = /No module named '([^']+)'/;
const DOWNLOAD_FAILED =
  /Command '\['(?:wget|git|unzip)',.*(?:non-zero exit status|died with)|^wget: |No such file or directory: 'wget'|Error during downloading|URLError|HTTPError|IncompleteRead/;
const WEIGHTS_MISSING = /No such file or directory: '[^']+\.(?:pth?|gz)'/;
const WEIGHTS_BROKEN =
  /PytorchStreamReader failed|invalid load key|UnpicklingError|unexpected EOF|SHA256 checksum does not match/;

/** How to install what VBench's dimensions import, where the name to install is another than the name to import. */
const INSTALL: Record<string, string> = {
  clip: 'openai-clip',
  cv2: 'opencv-python-headless',
  detectron2: 'detectron2@git+https://github.com/facebookresearch/detectron2.git',
  'numpy.lib.function_base': '"numpy<2"',
  PIL: 'Pillow',
  pkg_resources: '"setuptools<81"',
};

/** What made VBench fail on a dimension and what to do, from the lines of its log; null where it is none of the known causes. */
export function explainVBench(lines: readonly string[], dimension: string): string | null {
  const sentence = programSentence(lines);
  if (sentence) return sentence;
  const missing = lines.map(line => MISSING_PACKAGE.exec(line)?.[1]).findLast(name => name !== undefined);
  if (missing) {
    const install = INSTALL[missing] ?? missing.split('.')[0];
    return `${dimension} needs the Python module ${missing}, which this environment does not have; use one of your own (launcher.python or env_name in the config) with \`pip install ${install}\``;
  }
  const advice = weightsAdvice(dimension);
  if (lines.some(line => DOWNLOAD_FAILED.test(line) || WEIGHTS_MISSING.test(line)) && advice) {
    return `${dimension} needs model weights, and VBench could not download them: ${advice}`;
  }
  if (lines.some(line => WEIGHTS_BROKEN.test(line))) {
    return `${dimension}: a file of model weights under ${vbenchCache()} is damaged, perhaps a download that was cut off; remove it and fetch it again`;
  }
  return null;
}
