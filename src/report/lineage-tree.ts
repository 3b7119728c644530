import type { Json, JsonObject, Manifest, StageInfo, StageLineage } from '../core/index.ts';
import { compact, count, durationText, listed } from '../format/index.ts';

/**
 * The family tree of a run's stages for a terminal: which came from which, with which weights, and what each was trained on.
 *
 * @returns lines
 */
export function lineageTree({ stages }: Pick<Manifest, 'stages'>): string[] {
  const own = stages.filter(({ again }) => again === undefined);
  const ids = new Set(own.map(({ id }) => id));
  const roots = own.filter(({ from }) => from === null || !ids.has(from));
  const lines: string[] = [];
  const draw = (stage: StageInfo, lead: string, branch: string, below: string) => {
    lines.push(`${lead}${branch}${stage.id}  ${stage.kind}${aboutWeights(stage)}`);
    const children = own.filter(({ from }) => from === stage.id);
    const inside = `${lead}${below}${children.length > 0 ? '│ ' : '  '} `;
    for (const words of stage.lineage === undefined ? [] : training(stage.lineage))
      lines.push(`${inside}${words}`);
    children.forEach((child, index) => {
      const last = index === children.length - 1;
      draw(child, `${lead}${below}`, last ? '└─ ' : '├─ ', last ? '   ' : '│  ');
    });
  };
  for (const root of roots) draw(root, '', '', '');
  return lines;
}

function aboutWeights({ identity, model, factors }: StageInfo): string {
  const { weights, parameters, dtypes } = identity ?? {};
  const parts = [
    ...(weights === undefined ? (model === null ? [] : [model]) : [`weights ${weights.slice(0, 12)}`]),
    ...(parameters === undefined ? [] : [`${compact(parameters)} parameters`]),
    ...(dtypes === undefined ? [] : [dtypes.join(', ')]),
    ...(factors === undefined
      ? []
      : Object.entries(factors).map(([factor, level]) => `${factor} = ${level}`)),
  ];
  return parts.length === 0 ? '' : `  ${parts.join(', ')}`;
}

function training({ recipe, order, sources, result, attempts, parent }: StageLineage): string[] {
  const { engine, method, seed, steps, lora } = recipe;
  const versions = Object.entries((result.versions ?? {}) as JsonObject);
  const how = [
    `${count(Number(steps))} steps of ${method} by ${engine}${lora ? ', LoRA' : ''}`,
    `seed ${seed}`,
    ...(order === null ? [] : [`${count(order.examples)} examples, order ${order.digest.slice(0, 12)}`]),
    `from ${parent.name} (${parent.weights.slice(0, 12)})`,
  ];
  const where = [
    ...(typeof result.seconds === 'number' ? [durationText(result.seconds * 1000)] : []),
    ...(typeof result.device === 'string' ? [`on ${result.device}`] : []),
    ...(typeof result.world === 'number' && result.world > 1 ? [`${result.world} processes`] : []),
    ...(attempts > 1 ? [`${attempts} starts`] : []),
    ...(versions.length === 0 ? [] : [listed(versions.map(([name, version]) => `${name} ${version}`))]),
  ];
  return [
    how.join('; '),
    ...Object.entries(sources).map(([name, source]) => `${name}: ${sourceWords(source)}`),
    ...(where.length === 0 ? [] : [where.join(', ')]),
  ];
}

function sourceWords({
  drawn,
  rows,
  passes,
  tokens,
  truncated,
  teacher,
}: Readonly<Record<string, Json>>): string {
  const numbers = { drawn, rows, passes, tokens, truncated };
  return [
    `${count(Number(numbers.drawn))} of ${count(Number(numbers.rows))} rows drawn (${Number(numbers.passes)} passes)`,
    ...(typeof tokens === 'number' ? [`${count(tokens)} tokens`] : []),
    ...(typeof truncated === 'number' && truncated > 0 ? [`${count(truncated)} truncated`] : []),
    ...(typeof teacher === 'string' ? [`by ${teacher}`] : []),
  ].join(', ');
}
