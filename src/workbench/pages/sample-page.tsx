import { type ReactNode, useState } from 'react';
import type { Message, Rating, ToolCall } from '../../core/index.ts';
import { labelOf } from '../trials/table.ts';
import type { SampleView, ViewedRun } from '../wire.ts';
import { useAddress, useSetParameters } from './address.ts';
import { copyText, type RunPageProps, toList, Waiting } from './frame.tsx';
import { LeftBehind } from './json-value.tsx';
import { useKeys } from './keys.ts';
import { Markdown, PlainText, WordDiff } from './said.tsx';
import { useLoaded, useSource } from './source.ts';
import { labelOfRow, markOf } from './values.ts';

type ViewedTrial = SampleView['trials'][number];

/** One sample: its prompt, and each stage as a column with its answer, thoughts, tool calls and ratings. */
export function SamplePage({ run, version, summary }: RunPageProps) {
  const source = useSource();
  const { parameters } = useAddress();
  const set = useSetParameters();
  const name = { eval: parameters.get('of') ?? '', sample: parameters.get('id') ?? '' };
  const loaded = useLoaded(
    () => source.sample(run, parameters.toString(), name),
    [source, run, version, name.eval, name.sample, listPart(parameters)],
  );
  const view = loaded.value;
  const epoch = Number(parameters.get('epoch') ?? 0);
  const flag = (key: string) => parameters.get(key) === '1';
  const toggle = (key: string) => set({ [key]: flag(key) ? null : '1' }, true);
  const openOther = (other: SampleView['before'], place: number) => {
    if (other === null) return;
    set({ of: other.eval, id: other.sample, epoch: null, at: place < 0 ? null : String(place) }, true);
  };
  const before = () => view && openOther(view.before, view.place - 1);
  const after = () => view && openOther(view.after, view.place + 1);
  const differing = async (direction: 1 | -1) => {
    const next = new URLSearchParams(parameters);
    next.set('stages-differ', '1');
    next.set('order', 'change');
    const found = await source.sample(run, next.toString(), name);
    const other = direction === 1 ? found.after : found.before;
    if (other !== null)
      set({ 'stages-differ': '1', order: 'change', of: other.eval, id: other.sample, epoch: null });
    else if (found.place < 0) {
      const [first] = (await source.samples(run, next.toString(), 0, 1)).rows;
      if (first)
        set({ 'stages-differ': '1', order: 'change', of: first.eval, id: first.sample, epoch: null });
    }
  };
  const epochs = [...new Set(view?.trials.map((trial) => trial.epoch) ?? [])].sort((a, b) => a - b);
  const shownEpoch = epochs.includes(epoch)
    ? epoch
    : (view?.trials.find(({ matches }) => matches)?.epoch ?? epochs[0] ?? 1);
  const [copying, setCopying] = useState(false);
  useKeys({
    j: after,
    k: before,
    ArrowRight: after,
    ArrowLeft: before,
    h: () => toList(run),
    Escape: () => toList(run),
    ']': () => void differing(1),
    '[': () => void differing(-1),
    e: () => {
      const at = epochs.indexOf(shownEpoch);
      set({ epoch: String(epochs[(at + 1) % epochs.length] ?? 1) }, true);
    },
    d: () => toggle('diff'),
    m: () => toggle('markdown'),
    r: () => toggle('quiet'),
    c: () => setCopying((shown) => !shown),
  });
  if (view === null) return <Waiting loaded={loaded} what="Reading the sample" />;
  const columns = summary.stages.flatMap(({ id, title }) => {
    const own = view.trials.filter(({ stage }) => stage === id);
    const trial = own.find((each) => each.epoch === shownEpoch) ?? own[0];
    return trial === undefined ? [] : [{ stage: title, own, trial }];
  });
  const input = columns.find(({ trial }) => trial.transcript !== null)?.trial.transcript?.input ?? [];
  return (
    <>
      <nav className="steps" aria-label="Samples">
        <button type="button" onClick={() => toList(run)}>
          List
        </button>
        <button type="button" onClick={before} disabled={view.before === null}>
          Previous
        </button>
        <span className="soft">
          {view.place < 0
            ? 'not in this list'
            : `${(view.place + 1).toLocaleString('en')} of ${view.total.toLocaleString('en')}`}
        </span>
        <button type="button" onClick={after} disabled={view.after === null}>
          Next
        </button>
        <Toggle title="Differences" on={flag('diff')} act={() => toggle('diff')} />
        <Toggle title="Markdown" on={flag('markdown')} act={() => toggle('markdown')} />
        <Toggle title="Explanations" on={!flag('quiet')} act={() => toggle('quiet')} />
        <Toggle title="Copy" on={copying} act={() => setCopying(!copying)} />
        {copying && <CopyMenu view={view} columns={columns} close={() => setCopying(false)} />}
      </nav>
      <h1>
        <span className="soft">{view.eval} · </span>
        {view.sample}
      </h1>
      {view.cluster !== view.sample && <p className="soft">cluster {view.cluster}</p>}
      <section className="prompt" aria-label="Prompt">
        {input.map((message, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages have no other name
          <Turn key={at} message={message} markdown={flag('markdown')} quotes={[]} />
        ))}
      </section>
      <div className="stages-beside" style={{ ['--columns' as string]: columns.length }}>
        {columns.map(({ stage, own, trial }, at) => (
          <Column
            key={stage}
            {...{ own, trial, summary, stage }}
            before={flag('diff') && at > 0 ? (columns[at - 1]!.trial.transcript?.response ?? '') : null}
            markdown={flag('markdown')}
            explained={!flag('quiet')}
            choose={(each) => set({ epoch: String(each) }, true)}
          />
        ))}
      </div>
    </>
  );
}

function Toggle({
  title,
  on,
  act,
}: {
  readonly title: string;
  readonly on: boolean;
  readonly act: () => void;
}) {
  return (
    <button type="button" aria-pressed={on} onClick={act}>
      {title}
    </button>
  );
}

function Column({
  stage,
  own,
  trial,
  summary,
  before,
  markdown,
  explained,
  choose,
}: {
  readonly stage: string;
  readonly own: readonly ViewedTrial[];
  readonly trial: ViewedTrial;
  readonly summary: ViewedRun;
  /** What the stage before said, where the two are to be compared. */
  readonly before: string | null;
  readonly markdown: boolean;
  readonly explained: boolean;
  readonly choose: (epoch: number) => void;
}) {
  const { transcript, ratings, status } = trial;
  const quotes = ratings.flatMap(({ quote }) => quote ?? []);
  const measure = ratings[0]?.measure;
  return (
    <section aria-label={stage} className="stage">
      <h2>
        {stage}
        {status !== 'completed' && <span className="status"> {status}</span>}
      </h2>
      {own.length > 1 && (
        <p className="epochs">
          {own.map(({ epoch, status: ended, ratings: all }) => {
            const first = all.find((rating) => rating.measure === measure);
            const row = {
              status: ended,
              ...(first === undefined ? {} : { value: first.value, label: labelOf(first) }),
            };
            return (
              <button
                key={epoch}
                type="button"
                aria-pressed={epoch === trial.epoch}
                aria-label={`Epoch ${epoch}: ${labelOfRow(row)}`}
                title={`epoch ${epoch}: ${labelOfRow(row)}`}
                onClick={() => choose(epoch)}
              >
                <span className={`dot ${markOf(row, summary, measure)}`} aria-hidden="true" />
              </button>
            );
          })}
        </p>
      )}
      {transcript === null ? (
        <p className="problem">The record of this trial is damaged or gone.</p>
      ) : (
        <Answer {...{ transcript, before, markdown, quotes }} />
      )}
      <ul className="ratings">
        {ratings.map((rating) => (
          <RatingItem key={`${rating.measure} ${rating.rater}`} {...{ rating, explained, summary }} />
        ))}
      </ul>
    </section>
  );
}

function Answer({
  transcript,
  before,
  markdown,
  quotes,
}: {
  readonly transcript: NonNullable<ViewedTrial['transcript']>;
  readonly before: string | null;
  readonly markdown: boolean;
  readonly quotes: readonly string[];
}) {
  const { output, thoughts, response, error, state } = transcript;
  const isDialogue = output.length > 1;
  return (
    <>
      {error && <p className="problem">{error.message}</p>}
      {isDialogue ? (
        output.map((message, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages have no other name
          <Turn key={at} message={message} markdown={markdown} quotes={quotes} />
        ))
      ) : (
        <>
          {thoughts && <Thoughts text={thoughts} quotes={quotes} />}
          {before !== null && response ? (
            <WordDiff before={before} text={response} />
          ) : response ? (
            <Text text={response} markdown={markdown} quotes={quotes} />
          ) : (
            !error && <p className="soft">(no text)</p>
          )}
        </>
      )}
      {state !== undefined && state !== null && <LeftBehind state={state} />}
    </>
  );
}

function Text({
  text,
  markdown,
  quotes,
}: {
  readonly text: string;
  readonly markdown: boolean;
  readonly quotes: readonly string[];
}) {
  return markdown ? <Markdown text={text} /> : <PlainText text={text} quotes={quotes} />;
}

function Thoughts({ text, quotes }: { readonly text: string; readonly quotes: readonly string[] }) {
  return (
    <details className="thoughts" open>
      <summary>Thoughts</summary>
      <PlainText text={text} quotes={quotes} />
    </details>
  );
}

/** A message of a conversation. */
function Turn({
  message,
  markdown,
  quotes,
}: {
  readonly message: Message;
  readonly markdown: boolean;
  readonly quotes: readonly string[];
}) {
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  const thoughts = message.role === 'assistant' ? message.thoughts : null;
  return (
    <div className={`turn ${message.role}`}>
      <p className="role">{message.role === 'tool' && message.isError ? 'tool error' : message.role}</p>
      {thoughts && <Thoughts text={thoughts} quotes={quotes} />}
      {message.content !== '' && (
        <Text text={message.content} quotes={quotes} markdown={markdown && message.role !== 'tool'} />
      )}
      {calls.map((call) => (
        <Call key={call.id} call={call} />
      ))}
    </div>
  );
}

/** A tool call with its arguments as they were meant: a command with its line breaks, not as JSON. */
function Call({ call: { name, arguments: given } }: { readonly call: ToolCall }) {
  const members = argumentsOf(given);
  if (members === null)
    return (
      <pre className="call">
        {name}({given})
      </pre>
    );
  return (
    <div className="call">
      <p className="role">calls {name}</p>
      {members.map(([key, value]) => (
        <pre key={key} title={key}>
          {members.length > 1 && `${key}: `}
          {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
        </pre>
      ))}
    </div>
  );
}

/** The members of arguments that are an object in JSON; `null` for others. */
function argumentsOf(given: string): [string, unknown][] | null {
  try {
    const value: unknown = JSON.parse(given);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value)
      : null;
  } catch {
    return null;
  }
}

function RatingItem({
  rating,
  explained,
  summary,
}: {
  readonly rating: Rating;
  readonly explained: boolean;
  readonly summary: ViewedRun;
}) {
  const { measure, rater, explanation, quote, raw } = rating;
  const title = summary.measures.find(({ id }) => id === measure)?.title ?? measure;
  const who = summary.raters.find(({ id }) => id === rater);
  return (
    <li className={who?.kind === 'human' ? 'human' : ''}>
      <p>
        <span className="soft">{title}: </span>
        <strong>{labelOf(rating)}</strong>
        <span className="soft"> by {who?.title ?? rater}</span>
      </p>
      {explained && quote && <blockquote>{quote}</blockquote>}
      {explained && explanation && <p className="explanation">{explanation}</p>}
      {explained && raw && (
        <details>
          <summary>Reply as it came</summary>
          <pre>{raw}</pre>
        </details>
      )}
    </li>
  );
}

/** What is seen, for the clipboard: as a link, as Markdown, as JSON. */
function CopyMenu({
  view,
  columns,
  close,
}: {
  readonly view: SampleView;
  readonly columns: readonly { readonly stage: string; readonly trial: ViewedTrial }[];
  readonly close: () => void;
}) {
  const copy = (text: string) => void copyText(text).then(close);
  const item = (title: string, text: () => string): ReactNode => (
    <button key={title} type="button" onClick={() => copy(text())}>
      {title}
    </button>
  );
  return (
    <span className="menu">
      {item('as a link', () => window.location.href)}
      {item('as Markdown', () => markdownOf(view, columns))}
      {item('as JSON', () => JSON.stringify(view, null, 2))}
    </span>
  );
}

function markdownOf(
  { eval: evaluation, sample }: SampleView,
  columns: readonly { readonly stage: string; readonly trial: ViewedTrial }[],
): string {
  const prompt = columns[0]?.trial.transcript?.input ?? [];
  const parts = [
    `## ${evaluation} · ${sample}`,
    ...prompt.map(({ role, content }) => `**${role}**\n\n${quoted(content)}`),
    ...columns.map(({ stage, trial: { transcript, ratings } }) =>
      [
        `### ${stage}`,
        ...(transcript?.thoughts ? [`*thoughts*\n\n${quoted(transcript.thoughts)}`] : []),
        quoted(transcript?.response ?? '(no text)'),
        ratings.map((rating) => `- ${rating.measure} by ${rating.rater}: ${labelOf(rating)}`).join('\n'),
      ].join('\n\n'),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function listPart(parameters: URLSearchParams): string {
  const kept = new URLSearchParams(parameters);
  for (const name of ['at', 'of', 'id', 'epoch', 'diff', 'markdown', 'quiet', 'show']) kept.delete(name);
  return kept.toString();
}
