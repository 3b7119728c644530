import { circleFrom } from '../core/circle.ts';
import { anyOf, didYouMean, type Problems } from '../files/index.ts';
import { expandedIds } from './expand.ts';
import { type Row, rowsOf, type SoundStudy, type StageRow } from './rows.ts';

/** Stages have names of their own, come from a stage above them, and go round in no circle. */
export function checkStages(study: SoundStudy, problems: Problems): void {
  const stages = rowsOf(study, 'stages');
  const before = problems.count;
  checkDuplicateIds(stages, 'stage', problems);
  // Which of the two a `from` means can't be told; what could be said of it would hide the mistake.
  if (problems.count > before) return;
  const places = new Map<string, number>();
  for (const { row, index, path } of stages) {
    const { id } = row;
    for (const each of id === undefined ? [] : expandedIds({ ...row, id })) {
      if (places.has(each))
        problems.add(
          [...path, row.replicates === undefined ? 'id' : 'replicates'],
          `this run would be called "${each}", as a stage is`,
          'Give that stage another id.',
        );
      places.set(each, index);
    }
    if (row.grid !== undefined && row.replicates !== undefined)
      problems.addKey([...path, 'replicates'], 'a grid has its replicates as `seeds`', 'Write them there.');
  }
  const circles = circlesOf(stages);
  for (const { row, index, path } of stages) {
    const { id, from, replicate_of: of } = row;
    if (of !== undefined && (of === id || !places.has(of)))
      problems.add(
        [...path, 'replicate_of'],
        of === id ? 'a stage cannot be a replicate of itself' : `no stage is called "${of}"`,
        whichStage(of, [...places.keys()], id),
      );
    if (from === undefined || from === null) continue;
    const place = places.get(from);
    const circle = id === undefined ? undefined : circles.get(id);
    if (place === undefined) {
      problems.add(
        [...path, 'from'],
        `no stage is called "${from}"`,
        whichStage(from, [...places.keys()], id),
      );
    } else if (circle !== undefined) {
      if (circle[0] === id) problems.add([...path, 'from'], circleText(circle), rootRemedy);
    } else if (place > index) {
      const remedy = `Move "${from}" above "${id}": stages are in training order.`;
      problems.add([...path, 'from'], `the stage "${from}" comes before the one trained from it`, remedy);
    }
  }
}

/** Notes every entry of a list whose id an earlier one has. */
export function checkDuplicateIds<T extends { readonly id?: string | undefined }>(
  rows: readonly Row<T>[],
  what: string,
  problems: Problems,
  idOf = (row: T) => row.id,
): void {
  const seen = new Map<string, number>();
  for (const { row, index, path } of rows) {
    const id = idOf(row);
    if (id === undefined) continue;
    const first = seen.get(id);
    if (first === undefined) seen.set(id, index);
    else {
      const key = row.id !== undefined ? [...path, 'id'] : path;
      problems.add(
        key,
        `the id "${id}" is taken by ${path[0]}[${first}]`,
        `Give each ${what} an id of its own.`,
      );
    }
  }
}

const rootRemedy = 'One of them comes from none: `from: null`, or leave the first stage’s `from` out.';

function whichStage(wanted: string, ids: readonly string[], self: string | undefined): string {
  const others = ids.filter((id) => id !== self);
  return didYouMean(wanted, others, () =>
    others.length === 0
      ? 'It is the only stage: leave `from` out.'
      : `Write ${anyOf(others)}, or null for a root.`,
  );
}

function circleText(circle: readonly string[]): string {
  if (circle.length === 1) return `the stage "${circle[0]}" comes from itself`;
  return `these stages come from each other in a circle: ${[...circle, circle[0]].join(' → ')}`;
}

/** For every stage on a circle of `from`s, that circle, beginning with its first stage in the file. */
function circlesOf(stages: readonly StageRow[]): Map<string, readonly string[]> {
  const parents = new Map<string, string | null>();
  for (const { row } of stages) {
    if (row.id !== undefined) parents.set(row.id, row.from ?? null);
  }
  const circles = new Map<string, readonly string[]>();
  for (const start of parents.keys()) {
    const circle = circles.has(start) ? null : circleFrom(start, parents);
    for (const id of circle ?? []) circles.set(id, circle!);
  }
  return circles;
}
