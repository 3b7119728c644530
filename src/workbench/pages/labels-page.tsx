import { type FormEvent, useState } from 'react';
import { addressText, go } from './address.ts';
import { copyText, Problem, Waiting } from './frame.tsx';
import { useLoaded, useSource } from './source.ts';

/** Where the labels of a run are: what is picked, who labels, and the ways into a session. */
export function LabelsPage({ run }: { readonly run: number }) {
  const source = useSource();
  const overview = useLoaded(() => source.labels!.overview(run), [source, run]);
  const [name, setName] = useState('');
  const [measures, setMeasures] = useState<readonly string[]>([]);
  const [count, setCount] = useState('');
  const [link, setLink] = useState<string | null>(null);
  const [plan, setPlan] = useState<string | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  if (overview.value === null) return <Waiting loaded={overview} what="Reading the labels" />;
  const { measures: all, labellers } = overview.value;
  const begin = (event: FormEvent) => {
    event.preventDefault();
    go(
      addressText(
        ['runs', String(run), 'label'],
        new URLSearchParams([
          ['labeller', name],
          ...measures.map((id): [string, string] => ['measure', id]),
          ['labels', count],
        ]),
      ),
    );
  };
  const showPlan = async () => {
    setPlan('Computing …');
    try {
      setPlan((await Promise.all(measures.map((id) => source.labels!.plan(run, id)))).join('\n\n'));
      setProblem(null);
    } catch (error) {
      setPlan(null);
      setProblem(error as Error);
    }
  };
  const invite = () =>
    source.labels!.link(run, name).then(
      (made) => {
        setProblem(null);
        setLink(made);
      },
      (error) => setProblem(error),
    );
  return (
    <>
      <h1>Labels</h1>
      <p>
        People label trials blind to their stage. Their labels show how often each judge is wrong, and correct
        the findings.
      </p>
      <table>
        <caption>What was picked and labelled</caption>
        <thead>
          <tr>
            <th scope="col">Measure</th>
            <th scope="col">Picked</th>
            <th scope="col">Labelled</th>
          </tr>
        </thead>
        <tbody>
          {all.map(({ id, title, picked, by }) => (
            <tr key={id}>
              <th scope="row">
                <label>
                  <input
                    type="checkbox"
                    checked={measures.includes(id)}
                    onChange={({ target }) =>
                      setMeasures(target.checked ? [...measures, id] : measures.filter((each) => each !== id))
                    }
                  />{' '}
                  {title} <span className="soft">{id}</span>
                </label>
              </th>
              <td className="n">{picked}</td>
              <td>{by.map(({ labeller, labelled }) => `${labeller}: ${labelled}`).join('; ') || '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <form onSubmit={begin} className="begin">
        <label>
          Your name, where several people label{' '}
          <input value={name} onChange={({ target }) => setName(target.value)} autoComplete="off" />
        </label>
        <label>
          Labels for each stage{' '}
          <input
            value={count}
            onChange={({ target }) => setCount(target.value)}
            inputMode="numeric"
            pattern="[0-9]*"
            placeholder="as picked, or 100"
          />
        </label>
        <button type="submit">Label</button>
        <button type="button" onClick={() => void showPlan()} disabled={measures.length === 0}>
          How many labels would settle it?
        </button>
        <button type="button" onClick={() => void invite()} disabled={name === ''}>
          Link for {name === '' ? 'another person' : name}
        </button>
        {labellers.length >= 2 && (
          <button
            type="button"
            onClick={() => go(addressText(['runs', String(run), 'label'], { decide: '1' }))}
          >
            Decide where labellers differ
          </button>
        )}
      </form>
      {problem && <Problem problem={problem} />}
      {plan !== null && <pre className="plan">{plan}</pre>}
      {link && (
        <p className="link">
          Whoever has this link labels as {name} and sees nothing else: <code>{link}</code>{' '}
          <button type="button" onClick={() => void copyText(link)}>
            Copy
          </button>
        </p>
      )}
    </>
  );
}
