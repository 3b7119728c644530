import { cells, terminalText, wrapped } from '../../format/index.ts';

/**
 * A text as lines of at most so many cells: its own line breaks are kept, long lines break at spaces (and long words
 * anywhere), later lines of one are indented as its first. What could steer the terminal is taken out.
 */
export function wrap(text: string, width: number): string[] {
  return terminalText(text.replaceAll(/\r\n?/g, '\n'))
    .replaceAll('\t', '    ')
    .split('\n')
    .flatMap((line) => {
      if (cells(line) <= width) return [line.trimEnd()];
      const indent = Math.min(line.search(/[^ ]|$/), Math.floor(width / 2));
      return wrapped(line, { indent, width, breakWords: true }).map((one) => one.trimEnd());
    });
}

/** Markdown with the line breaks within its paragraphs and list items taken out, so that it can be wrapped anew. */
export function reflow(markdown: string): string {
  const lines: string[] = [];
  let open = false;
  let code = false;
  for (const line of markdown.replaceAll(/\r\n?/g, '\n').split('\n')) {
    const fence = line.trimStart().startsWith('```');
    const alone = code || fence || line.trim() === '' || /^\s*(#|\||>|[-*] |\d+[.)] )/.test(line);
    if (open && !alone) lines.push(`${lines.pop()} ${line.trim()}`);
    else lines.push(line);
    if (fence) code = !code;
    open = !code && !fence && line.trim() !== '' && !/^\s*[#|]/.test(line);
  }
  return lines.join('\n');
}
