import type { Findings } from '../../findings/findings.ts';
import { cells, count, counted, terminalLine, wrapped } from '../../format/index.ts';
import { clausesOf } from '../clauses.ts';
import { areFew, groupsOf, type MeasureGroup, stageFinder } from '../outline.ts';
import { contrastRows } from './contrasts.ts';
import { estimateRows } from './estimates.ts';
import { hanging, type Page } from './page.ts';
import { paint } from './paint.ts';
import { otherRaters, remarks } from './remarks.ts';

export interface TerminalOptions {
  readonly color: boolean;
  /** Columns of the terminal; below 80 as if there were 80. */
  readonly width: number;
}

const NARROWEST = 80;
const WIDEST = 160;

/** The findings as text for a terminal: the answer, what to be warned of, then measure by measure. Ends with a line end. */
export function renderTerminal(findings: Findings, { color, width }: TerminalOptions): string {
  const stageOf = stageFinder(findings);
  const page: Page = {
    ...paint(color),
    width: Math.min(WIDEST, Math.max(NARROWEST, width)),
    stageOf,
    name: (id) => terminalLine(stageOf(id).title),
  };
  const blocks = [
    heading(findings, page),
    ...(findings.warnings.length > 0
      ? [findings.warnings.flatMap((warning) => hanging(warning, page.alert('! '), page))]
      : []),
    ...groupsOf(findings).map((group) => measureBlock(group, page)),
    together(findings, page),
    again(findings, page),
    stageIds(findings, page),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function heading(findings: Findings, page: Page): string[] {
  const { run, origin, trials } = findings;
  const [lead = '', ...others] = clausesOf(findings);
  const failed = trials.errors > 0 ? `, ${count(trials.errors)} failed` : '';
  const done = `${count(trials.completed + trials.limit)} of ${counted(trials.planned, 'trial')} completed${failed}`;
  const from = origin.kind === 'import' ? ` · ${origin.source ?? 'imported'}` : '';
  return [
    ...wrapped(terminalLine(`${run}${from} · ${done}`), { width: page.width, breakWords: true }).map(
      page.soft,
    ),
    '',
    ...wrapped(terminalLine(lead), { width: Math.min(page.width, 100), breakWords: true }).map(page.strong),
    ...others.flatMap((clause) => hanging(clause, '· ', page)),
  ];
}

function measureBlock({ headline, others }: MeasureGroup, page: Page): string[] {
  const direction = headline.safer === 'lower' ? 'lower is safer' : 'higher is safer';
  const about = terminalLine(`${headline.id} · ${direction} · rated by ${headline.rater}`);
  const title = terminalLine(headline.title);
  const oneLine = cells(`${title}  ${about}`) <= page.width;
  return [
    ...(oneLine
      ? [`${page.strong(title)}  ${page.soft(about)}`]
      : [page.strong(title), ...wrapped(about, { width: page.width, breakWords: true }).map(page.soft)]),
    ...estimateRows(headline, page),
    ...contrastRows(headline, page),
    ...remarks(headline, page),
    ...otherRaters(others, page),
  ];
}

function together({ together: found, stages }: Findings, page: Page): string[] {
  if (found.length === 0) return [];
  if (areFew(found, stages))
    return [page.strong('All measures at once'), ...found.flatMap(({ words }) => hanging(words, '  ', page))];
  const same = found.filter(({ equivalent }) => equivalent).length;
  const words = `${same === 0 ? 'None' : count(same)} of the ${found.length} pairs of stages ${same < 2 ? 'is' : 'are'} shown to be the same on every headline measure at once.`;
  return [page.strong('All measures at once'), ...hanging(words, '  ', page)];
}

function again({ again: found }: Findings, page: Page): string[] {
  if (found === undefined) return [];
  return [page.strong('The same checkpoint twice'), ...hanging(found.words, '  ', page)];
}

/** The ids that `--stages` takes, where the stages are shown by other names. */
function stageIds({ stages }: Findings, page: Page): string[] {
  if (stages.every(({ id, title }) => id === title)) return [];
  const ids = stages.map(({ id, title }) => (id === title ? id : `${id} = ${title}`));
  return hanging(`Stages by id: ${ids.join('; ')}`, '', page).map(page.soft);
}
