import { readFileSync } from 'node:fs';

/** The table of docs/json-lines.md: of each event, the commands that print it, and all names in its row. */
function documentedEvents(): {
  readonly event: string;
  readonly commands: string;
  readonly names: Set<string>;
}[] {
  const page = readFileSync(new URL('../docs/json-lines.md', import.meta.url), 'utf8');
  return page.split('\n').flatMap((line) => {
    const [, event, commands, members] = /^\| `(\w+)` \| ([^|]+) \| (.+) \|$/.exec(line) ?? [];
    if (event === undefined || !/^all$|`/.test(commands!)) return [];
    return [{ event, commands: commands!, names: namesIn(members!) }];
  });
}

function namesIn(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(/`(\w+)`/g), ([, name]) => name!));
}

/** Whether the page has a row for this event of this command. */
export function isDocumented(command: string, event: string): boolean {
  return documentedEvents().some((row) => isRowOf(row, command, event));
}

/** The members of a line that its rows of the page do not name; the line's event itself where it has no row. */
export function undocumented(command: string, { event, ...members }: { readonly event: string }): string[] {
  const rows = documentedEvents().filter((row) => isRowOf(row, command, event));
  if (rows.length === 0) return [event];
  const page = readFileSync(new URL('../docs/json-lines.md', import.meta.url), 'utf8');
  const closing = page.split('\n').filter((line) => /^(\*\*)?`end` /.test(line));
  const known = new Set([
    ...rows.flatMap(({ names }) => [...names]),
    ...(event === 'end' ? closing.flatMap((line) => [...namesIn(line)]) : []),
  ]);
  return Object.keys(members).filter((name) => !known.has(name));
}

function isRowOf(
  { event, commands }: { readonly event: string; readonly commands: string },
  command: string,
  wanted: string,
): boolean {
  return event === wanted && (commands === 'all' || commands.includes(`\`${command}\``));
}
