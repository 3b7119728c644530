import { addressText } from './address.ts';
import { Waiting } from './frame.tsx';
import { useLoaded, useSource } from './source.ts';

/** All runs that this server was started with. */
export function RunsPage() {
  const source = useSource();
  const runs = useLoaded(() => source.runs(), [source]);
  if (runs.value === null) return <Waiting loaded={runs} what="Looking for runs" />;
  return (
    <main className="runs">
      <h1>Runs</h1>
      {runs.value.length === 0 && (
        <p>
          There is no run here yet. <code>stemma demo</code> makes one.
        </p>
      )}
      <ul className="cards">
        {runs.value.map(({ id, name, folder, createdAt, stages, evals, problem }) => (
          <li key={id}>
            {problem === undefined ? (
              <a href={addressText(['runs', String(id), 'findings'])}>{name}</a>
            ) : (
              <span>{name}</span>
            )}
            <p className="soft">
              {problem ??
                `${stages} ${stages === 1 ? 'stage' : 'stages'}; ${evals.join(', ')}${createdAt ? `; begun ${createdAt.slice(0, 10)}` : ''}`}
            </p>
            <p className="soft">{folder}</p>
          </li>
        ))}
      </ul>
    </main>
  );
}
