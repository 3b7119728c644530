import { readFileSync } from 'node:fs';
import { PAGE_STYLE } from '../../report/index.ts';

/** A file of the pages, as a server or an exported bundle gives it. */
interface PageAsset {
  readonly type: string;
  readonly body: string;
}

/** By path: `/`, `/pages.js`, `/pages.css`. */
export type PageAssets = ReadonlyMap<string, PageAsset>;

/**
 * The pages: one document, one script, one style. The package has the script beside this file; in a checkout it is made of
 * the sources, which takes a second.
 */
export async function pageAssets(): Promise<PageAssets> {
  const script = built() ?? (await made());
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', body: PAGE }],
    ['/pages.js', { type: 'text/javascript; charset=utf-8', body: script }],
    ['/pages.css', { type: 'text/css; charset=utf-8', body: style() }],
  ]);
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>stemma</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="pages.css">
</head>
<body>
<div id="pages"></div>
<noscript>These pages need JavaScript. <code>stemma report RUN</code> writes a report that does not.</noscript>
<script defer src="pages.js"></script>
</body>
</html>
`;

function built(): string | null {
  try {
    return readFileSync(new URL('../pages/pages.js', import.meta.url), 'utf8');
  } catch {
    return null;
  }
}

async function made(): Promise<string> {
  // The address is put together so that the package's bundle does not try to take in what only a checkout has.
  const script = new URL(['../../../scripts', 'pages.ts'].join('/'), import.meta.url);
  const { bundlePages } = (await import(script.href)) as { bundlePages(): Promise<{ code: string }> };
  return (await bundlePages()).code;
}

function style(): string {
  const own = readFileSync(new URL('../pages/pages.css', import.meta.url), 'utf8');
  return `${PAGE_STYLE.text}\n${own}`;
}
