import { Markup } from '../../format/index.ts';
import { DARK, figureStyle, LIGHT, SANS, type Theme } from '../figure/theme.ts';

const SERIF = `Charter, 'Bitstream Charter', 'Iowan Old Style', 'Source Serif 4', 'Noto Serif', Georgia, Cambria, serif`;

function variables(theme: Theme): string {
  return Object.entries(theme)
    .map(([name, color]) => `--${name}: ${color};`)
    .join(' ');
}

/**
 * A shade at each side to which a table can be scrolled. Covers of paper move with the table and hide the shade at the end.
 *
 * @see Verou (2012), Pure CSS scrolling shadows with background-attachment: local
 */
function scrollShades(): string {
  const side = (toward: 'left' | 'right', color: string, width: number, attachment: 'local' | 'scroll') =>
    `linear-gradient(to ${toward === 'left' ? 'right' : 'left'}, ${color}, transparent) ${toward} / ${width}px 100% no-repeat ${attachment}`;
  const sides = ['left', 'right'] as const;
  return [
    ...sides.map((toward) => side(toward, 'var(--paper) 40%', 40, 'local')),
    ...sides.map((toward) => side(toward, 'var(--axis)', 14, 'scroll')),
  ].join(', ');
}

/** The whole style of the page: prose in serif, data in sans with figures of one width, and no colour without a meaning. */
export const PAGE_STYLE = new Markup(`
:root { color-scheme: light dark; ${variables(LIGHT)} }
@media (prefers-color-scheme: dark) { :root { ${variables(DARK)} } }
@media print { :root { color-scheme: light; ${variables(LIGHT)} } }
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 17px/1.55 ${SERIF}; text-size-adjust: 100%; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 920px; padding: 2.6rem 20px 4rem; overflow-wrap: break-word; }
a { color: inherit; text-decoration: underline; text-decoration-color: var(--axis); text-underline-offset: .18em; text-decoration-thickness: 1px; }
a:hover { text-decoration-color: currentColor; }
a.number { text-decoration-style: dotted; white-space: nowrap; }
:focus-visible { outline: 2px solid var(--first); outline-offset: 2px; }
.skip { position: absolute; left: -999em; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .4em .8em; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
p, ul, ol, dl, details > p { max-width: 70ch; }
p { margin: 0 0 .9rem; }
h1 { font-size: 1.42rem; line-height: 1.32; font-weight: 600; letter-spacing: -.006em; margin: 0 0 .5rem; max-width: 34em; text-wrap: pretty; }
p.answer { font-size: 1.3rem; line-height: 1.4; font-weight: 600; margin: 1.6rem 0 .9rem; max-width: 36em; text-wrap: pretty; }
.answer .soft { font-weight: 400; }
ul.answer { font-size: 1.06rem; margin: 0 0 1.2rem; padding-left: 1.1em; max-width: 44em; }
.answer li { margin: .35em 0; }
h2 { font-size: 1.42rem; line-height: 1.25; font-weight: 600; margin: 4rem 0 1.1rem; padding-top: .9rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.22rem; line-height: 1.3; font-weight: 600; margin: 2.2rem 0 .5rem; }
h4 { font: 600 .88rem/1.4 ${SANS}; margin: 2.2rem 0 .7rem; }
.measure > h3 { margin-top: 3.4rem; font-size: 1.32rem; }
.measure:first-of-type > h3 { margin-top: 1rem; }
.lead { font-size: 1.06rem; }
.soft { color: var(--soft); }
p.soft { font-size: .92rem; }
nav ul { list-style: none; margin: 1.8rem 0 0; padding: 0; max-width: none; display: flex; flex-wrap: wrap; gap: .1rem 1.6rem; font: .88rem/1.75 ${SANS}; }
.warnings { border-left: 4px solid var(--last); padding: .1rem 0 .1rem 1.1rem; margin: 1.8rem 0; }
.warnings h2 { font: 600 .95rem/1.4 ${SANS}; margin: 0 0 .4rem; padding: 0; border: 0; }
.warnings ul { margin: 0; padding-left: 1.1em; }
.warnings li { margin: .3em 0; }
.warning { border-left: 4px solid var(--last); padding-left: 1.1rem; }
.plain { list-style: none; padding: 0; }
.plain li { margin-bottom: .5em; }
figure { margin: 1.4rem 0 1.6rem; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { font: .84rem/1.5 ${SANS}; color: var(--soft); margin-top: .7rem; max-width: 70ch; }
figcaption b { color: var(--ink); font-weight: 600; }
.narrow { display: none !important; }
@media screen and (max-width: 640px) {
  .wide { display: none !important; }
  .narrow { display: block !important; width: 100%; max-width: 430px; }
  body { padding-top: 1.6rem; }
  html { font-size: 16px; }
  h1 { font-size: 1.24rem; }
  p.answer { font-size: 1.14rem; }
}
.scroll { position: relative; overflow-x: auto; margin: 0 0 1.4rem; background: ${scrollShades()}; }
table { border-collapse: collapse; font: .84rem/1.4 ${SANS}; font-variant-numeric: tabular-nums lining-nums; min-width: 60%; }
caption { text-align: left; color: var(--soft); padding: 0 0 .5rem; max-width: min(44rem, calc(100vw - 40px)); }
th { font-weight: 600; text-align: left; vertical-align: bottom; overflow-wrap: normal; }
tbody th { font-weight: 400; vertical-align: baseline; min-width: 8.5em; }
td { vertical-align: baseline; overflow-wrap: break-word; }
th, td { padding: .42rem 1.1rem .42rem 0; }
th:last-child, td:last-child { padding-right: .2rem; }
thead th { border-bottom: 1px solid var(--ink); font-size: .95em; max-width: 9.5em; }
tbody tr { border-bottom: 1px solid var(--hairline); }
.n { text-align: right; white-space: nowrap; }
thead .n { white-space: normal; }
.strong { font-weight: 600; }
.word { white-space: nowrap; }
.stacked { width: 100%; }
.stacked tbody :is(th, td) { line-height: 1.8; vertical-align: top; padding-right: .9rem; }
.stacked tbody td:not(.n) a.number { white-space: nowrap; }
.stacked tbody th { font-weight: 600; }
.stacked th .soft { font-weight: 400; }
@media screen and (max-width: 640px) {
  th, td { padding-right: .8rem; }
  .scroll th:first-child { position: sticky; left: 0; background: var(--paper); min-width: 6em; max-width: 9.5em; }
  .scroll .matrix th:first-child { max-width: none; }
  .scroll tbody th { overflow-wrap: break-word; }
  .stacked, .stacked tbody, .stacked caption { display: block; }
  .stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacked tbody tr { display: flex; flex-wrap: wrap; align-items: start; gap: .3rem 1.1rem; padding: .7rem 0; }
  .stacked tbody th, .stacked td { padding: 0; text-align: left; }
  .stacked tbody th:first-child { position: static; max-width: none; }
  .stacked tbody th, .stacked td:not(.n) { flex: 0 0 100%; }
  .stacked tbody th br, .stacked td:not(.n) br { display: none; }
  .stacked td[data-head]::before { content: attr(data-head) ' '; color: var(--soft); }
  .stacked td.n::before { display: block; white-space: normal; }
  .stacked td.n { max-width: 100%; }
  .stacked td:not(.n) { order: -1; }
  .stacked td[data-aside] { order: 1; }
  .stacked tbody th { order: -2; }
}
.verdict { white-space: nowrap; }
.stacked .different-but-within-the-margin { white-space: normal; }
.verdict.materially-different { font-weight: 600; }
.shape { display: inline-block; width: 1.1em; text-align: center; }
dl { margin: 0; }
dd { margin: 0; }
dt { font: 600 .86rem/1.5 ${SANS}; }
dl div { padding: .5rem 0; max-width: 70ch; }
dd { font-size: .94rem; }
details.aside dl div { display: grid; grid-template-columns: 15.5rem 1fr; gap: 0 1rem; padding: .25rem 0; font: .84rem/1.5 ${SANS}; max-width: none; }
details.aside dt { font-weight: 400; }
@media (max-width: 640px) { details.aside dl div { grid-template-columns: 1fr; } }
details { margin: 0 0 1.2rem; }
summary { cursor: pointer; font: .88rem/1.6 ${SANS}; padding: .2rem 0; }
summary h4 { display: inline; margin: 0; font-weight: 600; }
details.titled { border-top: 1px solid var(--hairline); padding-top: .5rem; }
details.titled > p a { display: inline-block; padding: .2rem 0; }
details.titled[open] { padding-bottom: 1.2rem; }
.matrix { font-size: .72rem; min-width: 0; line-height: 1.3; }
.matrix th, .matrix td { padding: .22rem .25rem; }
.matrix thead th { max-width: none; height: 1px; text-align: center; padding-bottom: .5rem; }
.matrix thead span:not(.hidden) { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
.matrix tbody th { white-space: nowrap; min-width: 0; padding: 0 .6rem 0 0; vertical-align: middle; }
.matrix td { text-align: center; white-space: nowrap; min-width: 2.9rem; border: 1px solid var(--paper); }
.matrix tbody tr { border: 0; }
.matrix a { text-decoration: none; display: block; }
.matrix .shape { display: block; width: auto; font-size: .9em; }
.matrix a:hover, .matrix a:focus { text-decoration: underline dotted; }
.matrix .same { background: var(--same); }
.matrix .some { background: var(--some); }
.matrix .material { background: var(--material); font-weight: 600; }
sub, sup { font-size: .72em; line-height: 0; }
details.titled dd { font: .82rem/1.6 ${SANS}; font-variant-numeric: tabular-nums; }
:target { scroll-margin-top: 1.5rem; }
dl div:target { box-shadow: -1.1rem 0 0 var(--paper), -1.35rem 0 0 var(--first); }
footer { margin-top: 4.5rem; padding-top: 1rem; border-top: 1px solid var(--hairline); font: .82rem/1.6 ${SANS}; color: var(--soft); }
@page { margin: 18mm 16mm; }
@media print {
  html { font-size: 10.5pt; }
  body { padding: 0; max-width: none; }
  nav, .skip { display: none; }
  h2, h3, h4 { break-after: avoid; }
  figure, table, tr, dl div, .warnings { break-inside: avoid; }
  .scroll { overflow: visible; background: none; }
  .printed::details-content { content-visibility: visible; block-size: auto; }
  .aside.printed > summary { display: none; }
  a { text-decoration: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
${figureStyle((name) => `var(--${name})`)}
.swatch { vertical-align: -1px; margin-right: .35em; }
`);
