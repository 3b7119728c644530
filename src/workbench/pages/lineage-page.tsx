import type { Json } from '../../core/index.ts';
import type { FindingsView, ViewedRun } from '../wire.ts';
import { addressText } from './address.ts';
import { useFindings } from './findings-page.tsx';
import { type RunPageProps, Waiting } from './frame.tsx';
import { JsonValue } from './json-value.tsx';

type Stage = ViewedRun['stages'][number];

/** The tree of checkpoints, with what changed along each edge. */
export function LineagePage({ run, version, summary }: RunPageProps) {
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

/** How stemma trained a stage: what went in, and what the trainer says. */
function Training({ lineage }: { readonly lineage: NonNullable<Stage['lineage']> }) {
  const { recipe, sources, order, result, parent, attempts, madeAt } = lineage;
  const parts = { sources, recipe, order, parent, result, attempts, madeAt };
  return (
    <details className="left-behind">
      <summary>How it was trained: {Object.keys(sources).join(', ') || 'by a trainer of your own'}</summary>
      <JsonValue value={parts as unknown as Json} />
    </details>
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
  readonly summary: ViewedRun;
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
        {stage.factors && (
          <p className="soft">
            {Object.entries(stage.factors)
              .map(([factor, level]) => `${factor}: ${level}`)
              .join(', ')}
          </p>
        )}
        {stage.replicateOf && <p className="soft">trained like {stage.replicateOf}, from another seed</p>}
        {stage.identity?.served && <p className="soft ref">served as {stage.identity.served.model}</p>}
        {stage.lineage && <Training lineage={stage.lineage} />}
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
