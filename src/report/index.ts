export { renderHtml } from './html/page.ts';
export { renderMarkdown } from './markdown/markdown.ts';
export { renderSvg, type SvgOptions } from './svg.ts';
export { renderTerminal, type TerminalOptions } from './terminal/terminal.ts';
export { type WrittenReport, writeReport } from './write.ts';
