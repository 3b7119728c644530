import { useCallback, useEffect, useRef, useState } from 'react';
import type { LabelRequest, LabelScreen } from '../wire.ts';
import { useAddress } from './address.ts';
import { Problem, Waiting } from './frame.tsx';
import { useKeys } from './keys.ts';
import { Markdown, PlainText } from './said.tsx';
import { type SourceProblem, useSource } from './source.ts';

/** A session of one labeller: one trial after the other, a key for each answer. Nothing here tells a stage or a judge's word. */
export function LabelSession({ run, labeller }: { readonly run: number; readonly labeller: string }) {
  const source = useSource();
  const { parameters } = useAddress();
  const [screen, setScreen] = useState<LabelScreen | null>(null);
  const [problem, setProblem] = useState<SourceProblem | null>(null);
  const [rubric, setRubric] = useState(false);
  const [typed, setTyped] = useState('');
  const busy = useRef(false);
  const top = useRef<HTMLHeadingElement>(null);
  const act = useCallback(
    async (request: LabelRequest) => {
      if (busy.current) return;
      busy.current = true;
      try {
        setScreen(await source.labels!.act(run, request));
        setProblem(null);
        setTyped('');
      } catch (error) {
        setProblem(error as SourceProblem);
      }
      busy.current = false;
      window.scrollTo(0, 0);
    },
    [source, run],
  );
  const measures = parameters.getAll('measure').join('\n');
  const labels = Number(parameters.get('labels') ?? 0);
  const decide = parameters.get('decide') === '1';
  useEffect(() => {
    void act({
      do: 'open',
      labeller,
      ...(measures === '' ? {} : { measures: measures.split('\n') }),
      ...(labels > 0 ? { labels } : {}),
      ...(decide ? { adjudicate: true } : {}),
    });
  }, [act, labeller, measures, labels, decide]);
  const item = screen?.item ?? null;
  const at = screen?.at ?? -1;
  const give = (given: Extract<LabelRequest, { do: 'answer' }>['given']) =>
    void act({ do: 'answer', labeller, at, given });
  useKeys({
    ...Object.fromEntries((item?.choices ?? []).map(({ key, answer }) => [key, () => give(answer)])),
    s: item === null ? undefined : () => give('skipped'),
    u: () => void act({ do: 'undo', labeller }),
    '?': () => setRubric(!rubric),
    j: () => window.scrollBy(0, 60),
    k: () => window.scrollBy(0, -60),
  });
  if (screen === null)
    return problem ? (
      <Problem problem={problem} />
    ) : (
      <Waiting loaded={{ value: null, problem: null, loading: true }} what="Opening the session" />
    );
  return (
    <div className="session">
      <p className="progress" role="status">
        <progress value={screen.done} max={Math.max(1, screen.of)} aria-label="Labelled" /> {screen.done} of{' '}
        {screen.of} labelled{labeller === '' ? '' : ` by ${labeller}`}
        {screen.notice && <strong> {screen.notice}</strong>}
      </p>
      {problem && <Problem problem={problem} />}
      {item === null ? (
        <>
          <h1 ref={top}>Everything is labelled</h1>
          <p>Every answer is recorded. You can close this page.</p>
          <button type="button" onClick={() => void act({ do: 'undo', labeller })}>
            Take the last answer back (u)
          </button>
        </>
      ) : (
        <>
          <h1 ref={top}>{item.title}</h1>
          <fieldset className="answers" aria-label="Answers">
            {item.choices?.map(({ key, name, answer }) => (
              <button key={key} type="button" onClick={() => give(answer)}>
                <kbd>{key}</kbd> {name}
              </button>
            )) ?? (
              <form
                onSubmit={(event) => {
                  event.preventDefault();
                  give({ label: null, score: Number(typed) });
                }}
              >
                <label>
                  {item.scale}{' '}
                  <input
                    value={typed}
                    onChange={({ target }) => setTyped(target.value)}
                    inputMode="decimal"
                  />
                </label>{' '}
                <button type="submit">Record</button>
              </form>
            )}
            <button type="button" onClick={() => give('skipped')}>
              <kbd>s</kbd> skip
            </button>
            <button type="button" onClick={() => void act({ do: 'undo', labeller })}>
              <kbd>u</kbd> undo
            </button>
            <button type="button" aria-pressed={rubric} onClick={() => setRubric(!rubric)}>
              <kbd>?</kbd> rubric
            </button>
          </fieldset>
          {item.differing && <p>The labellers said: {item.differing.join('; ')}</p>}
          {rubric && <Markdown text={item.rubric} />}
          {item.criteria && (
            <section aria-label="In this case">
              <h2>In this case</h2>
              <PlainText text={item.criteria} />
            </section>
          )}
          {item.sections.map(({ title, text }, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: sections have no other name
            <section key={place} aria-label={title}>
              <h2>{title}</h2>
              <PlainText text={text} />
            </section>
          ))}
        </>
      )}
    </div>
  );
}
