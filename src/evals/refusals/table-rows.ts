import { digestOfText, type ErrorPlace, InputError, requireStorableId } from '../../core/index.ts';
import { nearest, readTable } from '../../files/index.ts';
import { cellText } from '../cell-text.ts';
import { INTENTS, type Intent } from './measures.ts';
import type { PromptRow } from './prompt-row.ts';

/** Which columns of a table mean what; see options.ts. */
interface RefusalTableMapping {
  readonly columns?:
    | {
        readonly prompt: string;
        readonly id?: string | undefined;
        readonly cluster?: string | undefined;
        readonly intent?: string | undefined;
      }
    | undefined;
  /** What all prompts are, where no column says it. */
  readonly intent?: Intent | undefined;
  /** What the values of the intent column mean. */
  readonly intents?: Readonly<Record<string, Intent>> | undefined;
}

const USUAL_INTENTS: Readonly<Record<string, Intent>> = {
  benign: 'benign',
  safe: 'benign',
  harmful: 'harmful',
  unsafe: 'harmful',
};

/**
 * The prompts of any table, or of a list: a text file with a prompt a line, or texts in JSON. Without an id column a prompt's id is a digest of its text; without a cluster column each prompt is
 * a cluster of its own.
 *
 * @throws InputError naming file and line: unreadable, a column missing, a cell empty, an id that comes twice or is too long,
 *   an intent that is neither
 */
export async function* tableRows(path: string, mapping: RefusalTableMapping): AsyncGenerator<PromptRow> {
  const columns = mapping.columns ?? { prompt: 'prompt' };
  const wanted = Object.values(columns).filter((column) => column !== undefined);
  const lines = new Map<string, number>();
  for await (const { row, line } of readTable(path, { columns: wanted, texts: columns.prompt })) {
    const place = { file: path, line };
    const cell = (column: string) => cellText(row[column], column, place);
    const prompt = cell(columns.prompt);
    const nameIn = (column: string) => {
      const name = cell(column);
      requireStorableId(name, `what the column "${column}" says`, place);
      return name;
    };
    const id = columns.id === undefined ? digestOfText(prompt).slice(0, 12) : nameIn(columns.id);
    refuseSecond(id, lines, place, columns.id === undefined);
    yield {
      id,
      prompt,
      intent:
        columns.intent === undefined
          ? mapping.intent!
          : intentOfCell(cell(columns.intent), mapping.intents ?? USUAL_INTENTS, place),
      cluster: columns.cluster === undefined ? id : nameIn(columns.cluster),
      about: {},
    };
  }
}

/** Ids tell trials apart, so each comes once. */
function refuseSecond(
  id: string,
  lines: Map<string, number>,
  place: { readonly file: string; readonly line: number },
  isDigest: boolean,
): void {
  const before = lines.get(id);
  if (before !== undefined) {
    const what = isDigest ? 'this prompt' : `the id "${id}"`;
    throw new InputError(`${what} is in line ${before} already`, {
      place,
      remedy: isDigest ? 'Remove one of the two.' : 'Give each prompt an id of its own.',
    });
  }
  lines.set(id, place.line);
}

function intentOfCell(text: string, intents: Readonly<Record<string, Intent>>, place: ErrorPlace): Intent {
  const value = text.trim();
  const known = Object.entries(intents).find(([name]) => name.toLowerCase() === value.toLowerCase());
  if (known !== undefined) return known[1];
  const meant = nearest(value, Object.keys(intents));
  throw new InputError(`"${value}" does not say whether this prompt is ${INTENTS.join(' or ')}`, {
    place,
    remedy: `${meant === undefined ? '' : `Did you mean "${meant}"? `}Known values: ${Object.keys(intents).join(', ')}. Say under intents: what others mean.`,
  });
}
