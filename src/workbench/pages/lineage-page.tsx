import type { FindingsView, RunSummary } from '../wire.ts';
import { addressText } from './address.ts';
import { useFindings } from './findings-page.tsx';
import { Waiting } from './frame.tsx';

type Stage = RunSummary['stages'][number];

/** The tree of checkpoints, with what changed along each edge. */
export function LineagePage({
  run,
  version,
  summary,
}: {
  readonly run: number;
  readonly version: number;
  readonly summary: RunSummary;
}) {
  const findings = useFindings(run, version);
  const roots = summary.stages.filter(
    ({ from }) => from === null || !summary.stages.some(({ id }) => id === from),
  );
  return (
    <>
      <h1>Lineage</h1>
      {findings.value === null && <Waiting loaded={findings} what="Computing what changed" />}
      <ul className="tree">
        {roots.map((stage) => (
          <Branch key={stage.id} {...{ run, stage, summary, findings: findings.value }} />
        ))}
      </ul>
    </>
  );
}

function Branch({
  run,
  stage,
  summary,
  findings,
}: {
  readonly run: number;
  readonly stage: Stage;
  readonly summary: RunSummary;
  readonly findings: FindingsView | null;
}) {
  const children = summary.stages.filter(({ from }) => from === stage.id);
  const changes = findings?.contrasts.filter(
    ({ from, to, headline }) => headline && from === stage.from && to === stage.id,
  );
  return (
    <li>
      <div className="node">
        <strong>{stage.title}</strong>{' '}
        <span className="soft">
          {stage.kind}
          {stage.again ? `, ${stage.again} once more` : ''}
        </span>
        {stage.model && <p className="soft ref">{stage.model}</p>}
        {stage.identity?.weights && (
          <p className="soft ref" title={stage.identity.weights}>
            weights {stage.identity.weights.slice(0, 12)}
          </p>
        )}
        {stage.identity?.served && <p className="soft ref">served as {stage.identity.served.model}</p>}
        {changes !== undefined && changes.length > 0 && (
          <ul className="changes">
            {changes.map(({ measure, title, verdict }) => (
              <li key={measure}>
                <a href={addressText(['runs', String(run), 'measure'], { measure })}>{title}</a>: {verdict}
              </li>
            ))}
          </ul>
        )}
      </div>
      {children.length > 0 && (
        <ul>
          {children.map((child) => (
            <Branch key={child.id} {...{ run, stage: child, summary, findings }} />
          ))}
        </ul>
      )}
    </li>
  );
}
