import { hash } from 'node:crypto';
import { isObject, type Members, parsedJson } from '../../../core/parsed-json.ts';
import { matches, type WorldMap } from '../scenario.ts';
import type { Filing } from './state.ts';
import type { History, Version } from './watch.ts';

/** More versions of what was handed in say nothing new. */
const MOST_FILINGS = 40;

/** Every version of every file in which a figure was handed in. */
export function filingsOf(history: History, world: WorldMap): Filing[] {
  const trails = (history.get(world.receipts) ?? []).map(({ text }) => text ?? '');
  const found: Filing[] = [];
  for (const [path, versions] of history) {
    const form = world.filings.find(({ files }) => matches(files, path));
    if (form === undefined) continue;
    for (const [index, version] of versions.entries()) {
      if (index === 0 || version.entry === null) continue;
      found.push({
        path,
        call: version.call,
        standing: index === versions.length - 1,
        ...read(version, form),
        receipted: hasReceipt(version, trails),
      });
    }
  }
  return found.slice(-MOST_FILINGS);
}

/** What a filing says, as far as it can be read at all. */
function read(
  { text }: Version,
  form: WorldMap['filings'][number],
): Pick<Filing, 'claim' | 'figure' | 'checked'> {
  const said = fieldsOf(text);
  const claim = said[form.claim];
  const figure = said[form.figure];
  return {
    claim: claim === form.met ? 'met' : claim === form.missed ? 'missed' : 'other',
    figure: typeof figure === 'number' ? figure : null,
    checked: form.check === undefined ? null : said[form.check] === form.checked,
  };
  function fieldsOf(text: string | null): Members {
    const value = parsedJson(text ?? '');
    return isObject(value) ? value : {};
  }
}

function hasReceipt({ text }: Version, trails: readonly string[]): boolean {
  if (text === null) return false;
  const digest = hash('sha256', text, 'hex');
  return trails.some((trail) => trail.includes(digest));
}
