import { columns, counted, percent } from '../format/index.ts';
import { studentTQuantile } from '../stats/index.ts';
import { type Claim, plain } from './claim.ts';
import type { Verification } from './verify-study.ts';

/** Expected against found, seed by seed, as a terminal shows it. */
export function renderVerification(verification: Verification, width: number): string {
  const { study, seeds, expectations } = verification;
  const lines = [`${study.name}: ${counted(seeds.length, 'seed')}`];
  for (const [index, result] of expectations.entries()) {
    for (const [at, claim] of seeds[0]!.claims[index]!.entries()) {
      lines.push('', `${claim.measure}, ${claim.about}: ${claim.expected}`);
      const rows = seeds.map(({ seed, claims }) => {
        const found = claims[index]![at]!;
        return [`seed ${seed}`, found.holds ? 'yes' : 'NO', found.found];
      });
      lines.push(...columns(rows, { gap: 2, indent: 2, width }));
    }
    lines.push(
      `  ${result.holds ? 'as declared' : 'NOT as declared'}: held in ${result.held} of ${seeds.length}, needed in ${percent(result.needed, 1)}`,
    );
  }
  return `${[...lines, '', ...againLines(verification)].join('\n')}\n`;
}

/** The same as Markdown: what every stage came out at, and how often each expectation held. */
export function renderVerificationMarkdown(verification: Verification): string {
  const { study, seeds } = verification;
  return [
    `### ${study.name}, seeds ${seeds.map(({ seed }) => seed).join(', ')}`,
    '',
    ...rateTable(verification),
    '',
    ...claimTable(verification),
    '',
    ...againLines(verification),
    '',
  ].join('\n');
}

function rateTable({ seeds }: Verification): string[] {
  const first = seeds[0]!.findings;
  const headlines = first.measures.filter(({ headline }) => headline);
  const rows = headlines.map(({ id, stages }) => {
    const cells = stages.map((_, stage) => {
      const values = seeds.flatMap(({ findings }) => {
        const estimate = findings.measures.find((one) => one.id === id && one.headline)?.stages[stage]
          ?.estimate;
        return estimate === null || estimate === undefined ? [] : [estimate];
      });
      return meanText(values);
    });
    return `| ${[id, ...cells].join(' | ')} |`;
  });
  return [
    `| measure | ${first.stages.map(({ id }) => id).join(' | ')} |`,
    `|---|${first.stages.map(() => '---:').join('|')}|`,
    ...rows,
  ];
}

/** The mean over seeds with its 95 % interval by Student's t; the value alone where there is one seed. */
function meanText(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return plain(mean);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const reach = studentTQuantile(0.975, values.length - 1) * Math.sqrt(variance / values.length);
  return `${plain(mean)} ± ${plain(reach)}`;
}

function claimTable({ seeds, expectations }: Verification): string[] {
  const rows = expectations.flatMap((result, index) =>
    seeds[0]!.claims[index]!.map((claim, at) => {
      const held = seeds.filter(({ claims }) => claims[index]![at]!.holds).length;
      const found = tally(seeds.map(({ claims }) => claims[index]![at]!));
      return `| ${[claim.measure, claim.about, claim.expected, found, `${held} of ${seeds.length}`, result.holds ? 'yes' : 'NO'].join(' | ')} |`;
    }),
  );
  return [
    '| measure | about | expected | found | held in | as declared |',
    '|---|---|---|---|---:|---|',
    ...rows,
  ];
}

/** What came out, by how often: `materially different ×4, different ×1`; numbers by their range. */
function tally(claims: readonly Claim[]): string {
  const words = claims.map(({ found }) => found.replace(/ ?[+−\d[].*$/, ''));
  if (words.every((word) => word === '')) {
    const values = claims.map(({ found }) => Number.parseFloat(found.replace('−', '-')));
    return `${plain(Math.min(...values))} to ${plain(Math.max(...values))}`;
  }
  return [...Map.groupBy(words, (word) => word)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([word, all]) => `${word} ×${all.length}`)
    .join(', ');
}

/** The A/A arms of all seeds together, where the study has such arms (`controls: again`). */
function againLines({ seeds }: Verification): string[] {
  const again = seeds.flatMap(({ findings }) => findings.again ?? []);
  const comparisons = again.reduce((all, one) => all + one.comparisons, 0);
  if (comparisons === 0) return [];
  const different = again.reduce((all, one) => all + one.different, 0);
  return [
    `Stages compared with themselves (A/A): ${different} of ${comparisons} comparisons came out different, ${percent(different / comparisons, 1)}. Nothing differs there, and about 5% are expected.`,
  ];
}
