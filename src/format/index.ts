export { cells, clipped, left, right, wrapped } from './cells.ts';
export { durationText } from './duration.ts';
export { type Content, html, joined, Markup } from './html.ts';
export { markdownParagraph, markdownText } from './markdown.ts';
export { type Notation, notation, notationOf } from './notation.ts';
export { bytesInWords, coefficient, compact, count, dollars, fixed, NONE, speed, trimmed } from './number.ts';
export { equivalenceP, pInWords, pValue } from './p-value.ts';
export { percent, percentInterval, reached } from './percent.ts';
export { shellWord } from './shell-word.ts';
export {
  cleanWrites,
  controlWriter,
  type Paint,
  painter,
  type Style,
  type TerminalPage,
  terminalLine,
  terminalOutput,
  terminalText,
} from './terminal.ts';
export { columns } from './text-table.ts';
export { capitalised, counted, inSentence, labelInWords, listed } from './words.ts';
