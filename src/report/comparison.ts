import type { ComparedMeasure, Comparison } from '../findings/index.ts';
import { columns, counted, markdownText, notation } from '../format/index.ts';

/** Flipped samples that are named; the others are counted. */
const NAMED = 10;

/** A comparison as text for a terminal: a line a measure, and the samples that flipped. */
export function comparisonText(comparison: Comparison): string {
  const { a, b, measures, warnings } = comparison;
  const rows = measures.map((measure) => [measure.measure, ...cellsOf(measure), measure.word]);
  const table = columns([['', 'A', 'B', 'B − A', ''], ...rows], { gap: 2, width: 200, right: [1, 2, 3] });
  const open = measures.flatMap((measure) => openLines(measure, (id) => id));
  const flipped = measures.flatMap((measure) => flippedLines(measure, (id) => id));
  return [
    `A: ${a}`,
    `B: ${b}`,
    '',
    ...table,
    ...(open.length === 0 ? [] : ['', ...open]),
    ...(flipped.length === 0 ? [] : ['', ...flipped]),
    ...(warnings.length === 0 ? [] : ['', ...warnings.map((warning) => `! ${warning}`)]),
    '',
  ].join('\n');
}

/** A comparison as Markdown for a pull request; the samples and warnings are folded. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { a, b, measures, warnings } = comparison;
  const rows = measures.map(
    (measure) =>
      `| ${[markdownText(measure.measure), ...cellsOf(measure), `**${measure.word}**`].join(' | ')} |`,
  );
  const flipped = measures.flatMap((measure) => flippedLines(measure, (id) => markdownText(id)));
  return [
    `### ${markdownText(b)} against ${markdownText(a)}`,
    '',
    '| measure | A | B | B − A [95%] | |',
    '|---|---:|---:|---:|---|',
    ...rows,
    '',
    `A: ${markdownText(a)}. B: ${markdownText(b)}.`,
    ...folded(
      'Why undetermined',
      measures.flatMap((measure) => openLines(measure, markdownText)),
    ),
    ...folded('Flipped samples', flipped),
    ...folded(
      'Warnings',
      warnings.map((warning) => markdownText(warning)),
    ),
    '',
  ].join('\n');
}

function folded(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [
    '',
    `<details><summary>${title} (${lines.length})</summary>`,
    '',
    ...lines.map((line) => `- ${line}`),
    '',
    '</details>',
  ];
}

function cellsOf({ kind, a, b, contrast }: ComparedMeasure): string[] {
  const { value, change, changeInterval } = notation(kind);
  const interval = contrast.interval === null ? '' : ` ${changeInterval(contrast.interval)}`;
  return [value(a), value(b), `${change(contrast.difference)}${interval}`];
}

/** Why nothing can be said of a measure. */
function openLines({ measure, word, contrast }: ComparedMeasure, shown: (id: string) => string): string[] {
  return word === 'undetermined' && contrast.why !== undefined
    ? [`${shown(measure)}: ${shown(contrast.why)}`]
    : [];
}

function flippedLines(
  { measure, safer, kind, flipped }: ComparedMeasure,
  shown: (id: string) => string,
): string[] {
  const { value } = notation(kind);
  const [up, down] = safer === null ? ['rose', 'fell'] : ['became less safe', 'became safer'];
  const line = (samples: typeof flipped.worse, what: string) => {
    if (samples.length === 0) return [];
    const named = samples
      .slice(0, NAMED)
      .map(({ sample, a, b }) => `${shown(sample)} (${value(a)} → ${value(b)})`);
    const more = samples.length > NAMED ? `, and ${samples.length - NAMED} more` : '';
    return [`${shown(measure)}: ${counted(samples.length, 'sample')} ${what}: ${named.join(', ')}${more}`];
  };
  return [...line(flipped.worse, up), ...line(flipped.better, down)];
}
