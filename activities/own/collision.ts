import type { ComponentRegistry, ComponentSpec } from '../../plan/component.ts';
import { isReservedStage } from '../../plan/job-lists.ts';

/** Why a component cannot stand beside those that are there already; null where it can. `whose`: where one of those comes from. */
export function collision(
  { name, hook, type, jobList }: Pick<ComponentSpec, 'name' | 'hook' | 'type' | 'jobList'>,
  registry: ComponentRegistry,
  whose: (name: string) => string,
): string | null {
  const sameName = registry.find(spec => spec.name === name);
  if (sameName) return `there is a component ${name} already (${whose(name)}); give this one another name`;
  const ofHook = registry.filter(spec => spec.hook === hook);
  const sameType = ofHook.find(spec => spec.type === type);
  if (sameType && type !== undefined)
    return `type "${type}" of ${hook} is ${sameType.name} already (${whose(sameType.name)}); give this one another type`;
  const plain = ofHook.find(spec => spec.type === undefined);
  if (plain) return `${hook} always runs ${plain.name} (${whose(plain.name)}); give this one another hook`;
  if (ofHook.length > 0 && type === undefined)
    return `${hook} chooses by type (${ofHook.map(spec => spec.type).join(', ')}); give this one a type of its own`;
  if (jobList && isReservedStage(jobList.stage))
    return `jobList.stage: "${jobList.stage}" is a stage that there is; leave jobList out, or name another stage`;
  const other = registry.find(spec => spec.jobList?.stage === jobList?.stage && spec.jobList);
  if (jobList && other && other.jobList?.after !== jobList.after)
    return `jobList: ${other.name} (${whose(other.name)}) has stage "${jobList.stage}" after ${other.jobList?.after ?? 'evaluation'}; say the same here`;
  return null;
}
