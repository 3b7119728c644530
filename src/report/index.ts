export { renderHtml } from './html/page.ts';
export { renderMarkdown } from './markdown/markdown.ts';
export { renderSvg } from './svg.ts';
export { renderTerminal } from './terminal/terminal.ts';
export { type WrittenReport, writeReport } from './write.ts';
