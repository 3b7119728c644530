import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ViewedRun } from '../wire.ts';
import { addressText, go, parseAddress } from './address.ts';
import { KEY_HELP, useKeys } from './keys.ts';
import type { Loaded, SourceProblem } from './source.ts';

const PAGES = [
  ['findings', 'Findings'],
  ['trials', 'Trials'],
  ['lineage', 'Lineage'],
  ['labels', 'Labels'],
] as const;

/** What a page of one run is given. */
export interface RunPageProps {
  /** Its place in addresses. */
  readonly run: number;
  /** Changes when records were added. */
  readonly version: number;
  readonly summary: ViewedRun;
}

/** What stands around every page of a run: its name, the other pages, the help. */
export function Frame({
  run,
  summary,
  page,
  hasLabels,
  children,
}: {
  readonly run: number;
  readonly summary: ViewedRun | null;
  readonly page: string;
  readonly hasLabels: boolean;
  readonly children: ReactNode;
}) {
  const [help, setHelp] = useState(false);
  // In a label session the key shows the rubric.
  useKeys({ '?': page === 'label' ? undefined : () => setHelp(true) });
  useEffect(() => {
    document.title = summary === null ? 'stemma' : `${summary.name}: ${page}`;
  }, [summary, page]);
  return (
    <>
      <header className="bar">
        <a className="home" href={addressText([])}>
          stemma
        </a>
        <span className="run">{summary?.name ?? ''}</span>
        <nav aria-label="Pages">
          {PAGES.filter(([id]) => id !== 'labels' || hasLabels).map(([id, title]) => (
            <a
              key={id}
              href={addressText(['runs', String(run), id])}
              aria-current={page === id ? 'page' : undefined}
            >
              {title}
            </a>
          ))}
        </nav>
        <Copy />
        <button type="button" onClick={() => setHelp(true)} aria-label="Keys">
          ?
        </button>
      </header>
      <main className={page}>{children}</main>
      {help && <Help close={() => setHelp(false)} />}
    </>
  );
}

/** Copies the address of what is seen. */
function Copy() {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="copy"
      onClick={() => void copyText(window.location.href).then(() => setCopied(true))}
      onBlur={() => setCopied(false)}
    >
      {copied ? 'Copied' : 'Copy link'}
    </button>
  );
}

/** Puts a text on the clipboard, also where the page is not from a secure address. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

function Help({ close }: { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={close} aria-label="Keys">
      <h2>Keys</h2>
      <dl className="keys">
        {KEY_HELP.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split('  ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}

/** What is shown until a value is there, or why there is none. */
export function Waiting({ loaded, what }: { readonly loaded: Loaded<unknown>; readonly what: string }) {
  if (loaded.problem !== null) return <Problem problem={loaded.problem} />;
  return (
    <p className="waiting" role="status">
      {what} …
    </p>
  );
}

export function Problem({ problem }: { readonly problem: SourceProblem | Error }) {
  const remedy = 'remedy' in problem ? problem.remedy : undefined;
  return (
    <div className="problem" role="alert">
      <p>{problem.message}</p>
      {remedy && <p>{remedy}</p>}
    </div>
  );
}

/** Back to the list that a sample was opened from. */
export function toList(run: number): void {
  const { parameters } = parseAddress(window.location.hash);
  for (const name of ['of', 'id', 'epoch', 'diff', 'markdown', 'quiet']) parameters.delete(name);
  go(addressText(['runs', String(run), 'trials'], parameters));
}
