import { type RefObject, useEffect, useState } from 'react';
import type { ViewedRun } from '../wire.ts';
import { useAddress, useSetParameters } from './address.ts';

/** How long after the last letter a search begins. */
const PAUSE_MS = 250;
const STATUSES = ['completed', 'limit', 'empty', 'error'];
/** Longer lists are typed, not chosen from. */
const MOST_CHOICES = 500;

/** The filters of the list. All of them stand in the address. */
export function Filters({
  summary,
  search,
  shown,
  toggle,
}: {
  readonly summary: ViewedRun;
  readonly search: RefObject<HTMLInputElement | null>;
  readonly shown: boolean;
  readonly toggle: () => void;
}) {
  const { parameters } = useAddress();
  const set = useSetParameters();
  const wanted = parameters.get('text') ?? '';
  const [text, setText] = useState(wanted);
  useEffect(() => setText(wanted), [wanted]);
  useEffect(() => {
    if (text === wanted) return;
    const timer = setTimeout(() => set({ text, at: null }, true), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, wanted, set]);
  const active = [...parameters].filter(([name]) => NAMES.has(name)).length;
  const column = parameters.get('show') ?? '';
  return (
    <search className="filters">
      <input
        ref={search}
        type="search"
        value={text}
        placeholder="Search prompts, thoughts and responses ( / )"
        aria-label="Search prompts, thoughts and responses"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && set({ text, at: null })}
      />
      <label>
        Shows{' '}
        <select value={column} onChange={(event) => set({ show: event.target.value })}>
          <option value="">the first measure</option>
          {summary.columns.map(({ measure, rater }) => (
            <option key={`${measure}~${rater}`} value={`${measure}~${rater}`}>
              {measure} by {rater}
            </option>
          ))}
        </select>
      </label>
      <Check name="stages-differ" title="Stages differ" />
      <Check name="raters-differ" title="Raters differ" />
      <Check name="order" value="change" title="Largest change first" />
      <button type="button" onClick={toggle} aria-expanded={shown}>
        Filters{active > 0 ? ` (${active})` : ''}
      </button>
      {shown && (
        <div className="more">
          <Choice name="eval" title="Eval" choices={summary.evals} />
          <Choice name="stage" title="Stage" choices={summary.stages.map(({ id }) => id)} />
          <Choice name="measure" title="Measure" choices={summary.measures.map(({ id }) => id)} />
          <Choice name="rater" title="Rater" choices={summary.raters.map(({ id }) => id)} />
          <Choice name="label" title="Label" choices={summary.labels} />
          <Choice name="status" title="Status" choices={STATUSES} />
          <Choice name="cluster" title="Cluster" choices={summary.clusters} />
          <button
            type="button"
            onClick={() => set({ ...Object.fromEntries([...NAMES].map((name) => [name, null])), at: null })}
          >
            Clear
          </button>
        </div>
      )}
    </search>
  );
}

const NAMES = new Set(
  'eval stage measure rater label status cluster text stages-differ raters-differ order'.split(' '),
);

function Check({
  name,
  title,
  value = '1',
}: {
  readonly name: string;
  readonly title: string;
  readonly value?: string;
}) {
  const { parameters } = useAddress();
  const set = useSetParameters();
  return (
    <label>
      <input
        type="checkbox"
        checked={parameters.get(name) === value}
        onChange={(event) => set({ [name]: event.target.checked ? value : null, at: null })}
      />{' '}
      {title}
    </label>
  );
}

/** Values of one filter: several are alternatives. */
function Choice({
  name,
  title,
  choices,
}: {
  readonly name: string;
  readonly title: string;
  readonly choices: readonly string[];
}) {
  const { parameters } = useAddress();
  const set = useSetParameters();
  const chosen = parameters.getAll(name);
  return (
    <div className="choice">
      <label>
        {title}{' '}
        <select
          value=""
          onChange={({ target }) => target.value && set({ [name]: [...chosen, target.value], at: null })}
        >
          <option value="">{chosen.length === 0 ? 'any' : 'or …'}</option>
          {choices.slice(0, MOST_CHOICES).map((each) => (
            <option key={each} value={each} disabled={chosen.includes(each)}>
              {each}
            </option>
          ))}
        </select>
      </label>
      {chosen.map((each) => (
        <button
          key={each}
          type="button"
          aria-label={`Without ${title} ${each}`}
          onClick={() => set({ [name]: chosen.filter((other) => other !== each), at: null })}
        >
          {each} ×
        </button>
      ))}
    </div>
  );
}
