export { comparisonMarkdown, comparisonText } from './comparison.ts';
export type { Document } from './document/block.ts';
export { documentOf } from './document/document.ts';
export { renderHtml } from './html/page.ts';
export { PAGE_STYLE } from './html/style.ts';
export { renderMarkdown } from './markdown/markdown.ts';
export { renderSvg } from './svg.ts';
export { renderTerminal } from './terminal/terminal.ts';
export { type WrittenReport, writeReport } from './write.ts';
