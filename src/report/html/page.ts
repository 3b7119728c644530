import type { Findings } from '../../findings/findings.ts';
import { count, counted, html, listed, type Markup } from '../../format/index.ts';
import { clausesOf } from '../clauses.ts';
import { groupsOf } from '../outline.ts';
import { howComputed } from './computed.ts';
import { measureSection } from './measure.ts';
import { type PageContext, pageContext } from './page-context.ts';
import { PAGE_STYLE } from './style.ts';
import { stages, summary } from './summary.ts';

/** Nothing may be fetched and no script may run, whatever a title or a label holds. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * The report as one HTML document that needs nothing else: opens from disk, prints, is light or dark as its reader's
 * screen is. The same findings give the same document, byte for byte.
 */
export function renderHtml(findings: Findings): string {
  const context = pageContext(findings);
  const groups = groupsOf(findings);
  // Figures are numbered as they are drawn, so parts are made in the order in which they stand.
  const parts = [header(context), warnings(context), contents(context), summary(context), stages(context)];
  const measures = groups.map((group) => measureSection(context, group));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="stemma">
<title>${findings.run}: findings</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#in-short">Skip to the findings</a>
${parts[0]}<main>
${parts.slice(1)}${
  measures.length > 0 &&
  html`<section aria-labelledby="measures">
<h2 id="measures">Measures</h2>
${measures}</section>
`
}${howComputed(context)}</main>
${footer(context)}</body>
</html>
`.text;
}

/** A longer headline is set smaller. */
const LONG_ANSWER = 140;

function header({ findings }: PageContext): Markup {
  const [lead = '', ...others] = clausesOf(findings);
  return html`<header>
<p class="run">${findings.run}</p>
<h1${lead.length > LONG_ANSWER && html` class="long"`}>${headline(lead, findings)}</h1>
${
  others.length > 0 &&
  html`<ul class="answer">
${others.map((clause) => html`<li>${clause}</li>\n`)}</ul>\n`
}<p class="facts">${facts(findings)}</p>
</header>
`;
}

/** The first clause, with amounts and remarks in brackets set lighter; brackets of a title are of the name. */
function headline(lead: string, { stages: all, measures }: Findings): Markup {
  const titles = [...all, ...measures].map(({ title }) => title);
  const parts = lead.split(/(\([^()]*\))/).map((part, index) => {
    const aside = index % 2 === 1 && !titles.some((title) => title.includes(part));
    return aside ? html`<span class="soft">${part}</span>` : part;
  });
  return html`${parts}`;
}

/** What was done, in two or three sentences. */
function facts(findings: Findings): string {
  const { trials, origin, raters } = findings;
  const done = `${counted(findings.stages.length, 'stage')}, ${counted(groupsOf(findings).length, 'measure')}, ${count(trials.completed + trials.limit)} of ${counted(trials.planned, 'trial')} completed`;
  const failed = trials.errors > 0 ? `, ${count(trials.errors)} failed` : '';
  const limited = trials.limit > 0 ? `, ${count(trials.limit)} stopped at a limit` : '';
  const by =
    raters.length === 0
      ? ''
      : ` Rated by ${listed(raters.map(({ id, title, kind }) => `${title ?? id} (${kind})`))}.`;
  const imported =
    origin.kind === 'import'
      ? ` Results that others published: ${listed([origin.source, origin.citation].filter((part) => part !== undefined))}.`
      : '';
  return `${done}${failed}${limited}.${by}${imported} Every underlined number leads to how it was computed.`;
}

function warnings({ findings }: PageContext): Markup | null {
  if (findings.warnings.length === 0) return null;
  return html`<section class="warnings" aria-labelledby="warnings">
<h2 id="warnings">Read this first</h2>
<ul>
${findings.warnings.map((warning) => html`<li>${warning}</li>\n`)}</ul>
</section>
`;
}

function contents(context: PageContext): Markup {
  const measures = groupsOf(context.findings).map(({ headline }) => ({
    anchor: context.anchorOf(headline),
    title: headline.title,
  }));
  const places = [
    { anchor: 'in-short', title: 'In short' },
    { anchor: 'stages', title: 'Stages' },
    ...measures,
    { anchor: 'computed', title: 'How it was computed' },
  ];
  return html`<nav aria-label="Contents"><ul>
${places.map(({ anchor, title }) => html`<li><a href="#${anchor}">${title}</a></li>\n`)}</ul></nav>
`;
}

function footer({ findings }: PageContext): Markup {
  const { run, origin, version } = findings;
  const from =
    origin.kind === 'import'
      ? `imported from ${origin.source ?? 'published results'}`
      : 'a study run with stemma';
  return html`<footer>
<p>${run}: ${from}.${origin.citation && ` ${origin.citation}.`} Drawn by stemma from findings of format version ${version}; the same findings always give this same page.</p>
</footer>
`;
}
