import type { Verdict } from '../../findings/findings.ts';
import { html, type Markup } from '../../format/index.ts';
import { VERDICT_SHAPES } from '../outline.ts';

export function verdictShape(verdict: Verdict): Markup {
  return html`<span class="shape" aria-hidden="true">${VERDICT_SHAPES[verdict]}</span>`;
}

/** A verdict with the shape by which figures show it. */
export function verdictMark(verdict: Verdict): Markup {
  return html`<span class="verdict ${verdict.replaceAll(' ', '-')}">${verdictShape(verdict)} ${verdict}</span>`;
}
