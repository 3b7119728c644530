import {
  columns,
  compact,
  count,
  counted,
  durationText,
  painter,
  type TerminalPage,
  trimmed,
  wrapped,
} from '../../format/index.ts';
import { settingsText } from '../../models/index.ts';
import type { ModelCheck, SampleCheck, StudyCheck } from './study-check.ts';
import { PARTS } from './what-is-taken.ts';

/** A check as a terminal shows it: each model with what went to it and came back, then what to look at. */
export function renderCheck(check: StudyCheck, page: TerminalPage): string {
  const paint = painter(page.color);
  const sections = [
    ...check.models.map((model) => modelLines(model, page)),
    check.warnings.length === 0
      ? [paint('green', 'Nothing stands out.')]
      : [
          paint('bold', 'Look at this'),
          ...check.warnings.flatMap((warning) =>
            wrapped(`${warning}.`.replace(/\.\.$/, '.'), { indent: 2, width: page.width }).map((line) =>
              paint('yellow', line),
            ),
          ),
        ],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function modelLines(model: ModelCheck, page: TerminalPage): string[] {
  const paint = painter(page.color);
  const { id, role, ref, error } = model;
  const facts = factsOf(model);
  return [
    paint('bold', `${role} ${id}  ${ref}`),
    ...(error === undefined ? [] : wrapped(paint('red', error), { indent: 2, width: page.width })),
    ...columns(facts, { gap: 2, indent: 2, width: page.width }),
    ...model.samples.flatMap((sample) => ['', ...sampleLines(sample, page)]),
  ];
}

function factsOf({ served, server, takes, sampling, tokensPerSecond }: ModelCheck): string[][] {
  const rows: string[][] = [];
  const add = (name: string, value: string | null) => {
    if (value !== null) rows.push([name, value]);
  };
  add(
    'answers as',
    served.length === 0
      ? null
      : served.map(({ model, root }) => (root === undefined ? model : `${model} (root ${root})`)).join(', '),
  );
  add('server', server?.software ?? null);
  add('context', server?.contextTokens == null ? null : `${count(server.contextTokens)} tokens`);
  add('sampler', samplerWords(server));
  add('takes', takes === null ? null : PARTS.map((part) => `${part}: ${takes[part]}`).join(', '));
  add('sampling', sampling === null ? null : samplingWords(sampling));
  add('speed', speedWords(tokensPerSecond, sampling?.tokensPerSecond ?? null));
  return rows;
}

function samplerWords(server: ModelCheck['server']): string | null {
  if (server === null) return null;
  const neutral = settingsText(server.neutral);
  const sent = neutral === '' ? '' : `sent with each request: ${neutral}; `;
  if (server.adds === null) return `${sent}the server does not say what it adds by itself`;
  const adds = settingsText(server.adds);
  return `${sent}the server adds ${adds === '' ? 'nothing' : adds}`;
}

function samplingWords({ answers, different, repeatable }: NonNullable<ModelCheck['sampling']>): string {
  const seeds = `${different} different of ${counted(answers, 'answer')} from as many seeds`;
  if (repeatable === null) return seeds;
  return `${seeds}; one seed twice gave ${repeatable ? 'one answer: reproducible' : 'two answers: not reproducible'}`;
}

function speedWords(alone: number | null, together: number | null): string | null {
  if (alone === null) return null;
  const atOnce = together === null ? '' : `, ${rate(together)} with eight at once`;
  return `${rate(alone)} tokens a second alone${atOnce}`;
}

function rate(tokens: number): string {
  return tokens < 10 ? trimmed(tokens, 1) : count(Math.round(tokens));
}

function sampleLines(sample: SampleCheck, page: TerminalPage): string[] {
  const paint = painter(page.color);
  const { eval: name, sample: id, sent, tools, answer, error, ratings } = sample;
  const text = (label: string, words: string) => [
    `  ${paint('dim', label)}`,
    ...clippedLines(words).flatMap((line) => wrapped(line, { indent: 4, width: page.width })),
  ];
  return [
    `  ${paint('bold', name)} ${paint('dim', id)}  ${whatItTook(sample)}`,
    ...sent.flatMap((message) => text(message.role, message.content)),
    ...(tools.length === 0 ? [] : text('tools', tools.join(', '))),
    ...(answer === null ? [] : text('answer', answer === '' ? '(empty)' : answer)),
    ...(error === undefined ? [] : text('error', error)),
    ...ratings.map(
      ({ measure, status, value, label, explanation }) =>
        `    ${measure}: ${status === 'rated' ? (label ?? value) : status}${explanation === undefined ? '' : ` (${oneLine(explanation)})`}`,
    ),
  ];
}

function whatItTook({ calls, inputTokens, outputTokens, durationMs, stop }: SampleCheck): string {
  return [
    ...(calls === 1 ? [] : [counted(calls, 'call')]),
    ...(inputTokens === null ? [] : [`${compact(inputTokens)} tokens in`]),
    ...(outputTokens === null ? [] : [`${compact(outputTokens)} out`]),
    durationText(durationMs),
    ...(stop === null ? [] : [`ended: ${stop}`]),
  ].join(', ');
}

/** A check shows enough of a text to recognise it; `--json` has all of it. */
const MOST_LINES = 12;
const MOST_CHARACTERS = 1_200;

function clippedLines(text: string): string[] {
  const short = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)} …` : text;
  const lines = short.trim().split('\n');
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '…'] : lines;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 160)} …` : line;
}
