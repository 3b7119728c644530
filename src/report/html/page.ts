import type { Findings } from '../../findings/findings.ts';
import { html, type Markup } from '../../format/index.ts';
import type { Block, Document, Heading } from '../document/block.ts';
import { documentOf } from '../document/document.ts';
import { htmlBlocks } from './blocks.ts';
import { PAGE_STYLE } from './style.ts';

/** Nothing may be fetched and no script may run, whatever a title or a label holds. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * The report as one HTML document that needs nothing else: opens from disk, prints, is light or dark as its reader's
 * screen is. The same findings give the same document, byte for byte.
 *
 * @param pages address of exported pages with the samples, relative to the report
 */
export function renderHtml(findings: Findings, pages?: string): string {
  return htmlOf(documentOf(findings), pages);
}

/** A document of blocks as an HTML page. */
export function htmlOf({ title, blocks, computed, footer }: Document, pages?: string): string {
  const { flow, sections } = htmlBlocks(
    pages === undefined
      ? undefined
      : (measure) => `${pages}#/runs/0/measure?${new URLSearchParams({ measure })}`,
  );
  const first = blocks.findIndex((block) => block.kind === 'heading');
  const opening = first < 0 ? blocks : blocks.slice(0, first);
  const rest = first < 0 ? [] : blocks.slice(first);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="stemma">
<title>${title}: findings</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#findings">Skip to the findings</a>
<header>
<h1>${title}</h1>
</header>
<main id="findings">
${flow(opening)}${contents([...rest, ...computed])}<p class="soft">Every underlined number leads to how it was computed.</p>
${sections(rest)}<div class="computed">
${sections(computed)}</div>
</main>
<footer>
<p>${footer}</p>
</footer>
</body>
</html>
`.text;
}

function contents(blocks: readonly Block[]): Markup {
  const places = blocks.filter(
    (block): block is Heading => block.kind === 'heading' && block.contents === true,
  );
  return html`<nav aria-label="Contents"><ul>
${places.map(({ id, text }) => html`<li><a href="#${id}">${text}</a></li>\n`)}</ul></nav>
`;
}
