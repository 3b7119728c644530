/**
 * A command as it can be pasted into a shell: words that a shell would take apart or read as its own stand in quotes.
 * `['findings', 'runs/my run']` becomes `stemma findings 'runs/my run'`.
 */
export function stemma(...words: readonly string[]): string {
  return ['stemma', ...words.map(shellWord)].join(' ');
}

export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
