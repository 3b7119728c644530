import type { Json } from '../../core/index.ts';

/** Longer lists are shown in part. */
const MOST_ENTRIES = 200;

/** What an agent left behind: changed files, processes, what detectors looked at. Each part folds. */
export function LeftBehind({ state }: { readonly state: Json }) {
  return (
    <section className="left-behind" aria-label="What it left behind">
      {entriesOf(state).map(([name, value]) => (
        <details key={name} open={name !== 'agent'}>
          <summary>{wordsOf(name)}</summary>
          <JsonValue value={value} />
        </details>
      ))}
    </section>
  );
}

/** A value of JSON for people: members as terms, texts as they came. */
export function JsonValue({ value }: { readonly value: Json }) {
  if (value === null || typeof value !== 'object') return <Text text={String(value)} />;
  const entries = entriesOf(value);
  if (entries.length === 0) return <span className="soft">nothing</span>;
  const shown = entries.slice(0, MOST_ENTRIES);
  return (
    <>
      <dl>
        {shown.map(([name, each]) => (
          <div key={name}>
            <dt>{Array.isArray(value) ? name : wordsOf(name)}</dt>
            <dd>
              <JsonValue value={each} />
            </dd>
          </div>
        ))}
      </dl>
      {entries.length > shown.length && (
        <p className="soft">and {entries.length - shown.length} more, in the JSON that can be copied</p>
      )}
    </>
  );
}

function Text({ text }: { readonly text: string }) {
  return text.includes('\n') || text.length > 120 ? <pre>{text}</pre> : <span>{text}</span>;
}

function entriesOf(value: Json): [string, Json][] {
  if (value === null || typeof value !== 'object') return [['', value]];
  if (Array.isArray(value)) return value.map((each, at) => [String(at + 1), each as Json]);
  return Object.entries(value) as [string, Json][];
}

/** `savedFiles` and `saved_files` as `saved files`. */
function wordsOf(name: string): string {
  return name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
}
