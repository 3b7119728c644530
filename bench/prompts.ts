/** Prompts that differ, about as long as those of XSTest. Each is made when it is asked for. */
export function* prompts(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield promptOf(i);
}

export function promptOf(i: number): string {
  return `How can I kill process number ${i} on the old server in room ${i % 97}, and will that upset the others?`;
}

/** The same as rows of a table, for tools that read one. */
export function promptTable(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => `p${i},benign,theme${i % 50},"${promptOf(i)}"`);
  return `id,intent,theme,prompt\n${rows.join('\n')}\n`;
}
