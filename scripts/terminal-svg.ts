/**
 * A terminal's screen as an SVG document, for the docs: text with its bold, dim and coloured parts on a dark ground, in a frame.
 *
 * @param screen lines as they were drawn, with the escape sequences of their colours (SGR) and none other
 * @param title  of the document, and of the frame
 */
export function terminalSvg(screen: readonly string[], title: string): string {
  const columns = 80;
  const width = Math.ceil(columns * CELL + 2 * EDGE);
  const height = screen.length * LINE + BAR + 2 * EDGE;
  const rows = screen.map((line, row) => {
    const y = BAR + EDGE + (row + 0.75) * LINE;
    return runsOf(line)
      .map(({ text, column, style }) => {
        const rule = /^─+$/.test(text);
        const x = EDGE + column * CELL;
        if (rule) {
          const middle = y - LINE * 0.28;
          return `<path d="M${x} ${middle}h${text.length * CELL}" class="rule"/>`;
        }
        // Every run is as long as its cells: whatever font there is, columns are in line.
        return `<text x="${x}" y="${y}" textLength="${text.length * CELL}" lengthAdjust="spacingAndGlyphs" class="${style}">${escaped(text)}</text>`;
      })
      .join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">${escaped(title)}</title>
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; fill: #d7dae0 }
.bold { font-weight: 700; fill: #ffffff } .dim { fill: #8b93a1 } .cyan { font-weight: 700; fill: #6fc3df } .yellow { fill: #e5c07b }
.rule { stroke: #5a6270; stroke-width: 1.2 } .caption { font: 13px system-ui, sans-serif; fill: #aab2c0; text-anchor: middle }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#1e2228"/>
<path d="M0 ${BAR}h${width}" stroke="#343a44"/>
<text x="${width / 2}" y="${BAR / 2 + 4}" class="caption">${escaped(title)}</text>
${rows.filter((row) => row !== '').join('\n')}
</svg>
`;
}

const CELL = 8.4;
const LINE = 20;
const EDGE = 14;
const BAR = 30;

interface Run {
  readonly text: string;
  readonly column: number;
  readonly style: string;
}

const STYLES: Readonly<Record<string, string>> = { '1': 'bold', '2': 'dim', '33': 'yellow', '36': 'cyan' };

/** The parts of a line that look alike, without the spaces around them. */
function runsOf(line: string): Run[] {
  const runs: Run[] = [];
  let style = 'plain';
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with ESC
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    const codes = /^\u001b\[([0-9;]*)m$/.exec(part)?.[1];
    if (codes !== undefined) {
      for (const code of codes.split(';')) style = styleAfter(style, code);
      continue;
    }
    // Words that stand further apart than one space are placed by themselves; so are rules.
    for (const { 0: text, index } of part.matchAll(/─+|[^ ─](?:[^─ ]| (?=[^ ─]))*/g)) {
      runs.push({ text, column: column + index, style });
    }
    column += part.length;
  }
  return runs;
}

function styleAfter(style: string, code: string): string {
  if (['', '0', '22', '39'].includes(code)) return 'plain';
  const next = STYLES[code] ?? style;
  return style === 'cyan' && next === 'bold' ? style : next;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
