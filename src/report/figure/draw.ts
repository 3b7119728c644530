import type { FindingsStage, Interval } from '../../findings/findings.ts';
import { html, type Markup } from '../../format/index.ts';
import type { Scale } from './axis.ts';

/** A drawing that begins at (0, 0) and has a size: parts of a figure are laid beside or under each other. */
export interface Panel {
  readonly width: number;
  readonly height: number;
  readonly drawing: Markup;
}

/** A coordinate with one decimal: files stay small, and the same on every machine. */
export function at(x: number): string {
  return String(Math.round(x * 10) / 10);
}

export function line(x1: number, y1: number, x2: number, y2: number, style: string): Markup {
  return html`<line class="${style}" x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}"/>`;
}

export function label(
  x: number,
  y: number,
  text: string,
  style = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
): Markup {
  const place = anchor === 'start' ? null : html` text-anchor="${anchor}"`;
  return html`<text x="${at(x)}" y="${at(y)}"${style ? html` class="${style}"` : null}${place}>${text}</text>`;
}

export function box(x: number, y: number, width: number, height: number, style: string): Markup {
  return html`<rect class="${style}" x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}"/>`;
}

/** A bar in the colour of its stage; that of a last stage is hatched as well, for eyes and printers without colour. */
export function bar(
  x: number,
  y: number,
  width: number,
  height: number,
  role: FindingsStage['role'],
  id: string,
): Markup {
  const style = { 'first-trained': 'first', last: 'last', other: 'other' }[role];
  const filling = box(x, y, width, height, `bar ${style}`);
  if (role !== 'last') return filling;
  return html`${filling}<rect fill="url(#${id}-hatch)" x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}"/>`;
}

/** The hatch that bars of this figure refer to. */
export function hatch(id: string): Markup {
  return html`<defs><pattern id="${id}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="3" y1="0" x2="3" y2="6"/></pattern></defs>`;
}

/** A horizontal interval with end caps. */
export function whisker(
  [lower, upper]: Interval,
  scale: Scale,
  y: number,
  cap: number,
  style: string,
): Markup {
  const [a, b] = [scale(lower), scale(upper)];
  const path = `M${at(a)} ${at(y - cap)}V${at(y + cap)}M${at(a)} ${at(y)}H${at(b)}M${at(b)} ${at(y - cap)}V${at(y + cap)}`;
  return html`<path class="${style}" d="${path}"/>`;
}

export function circle(x: number, y: number, radius: number, style: string): Markup {
  return html`<circle class="${style}" cx="${at(x)}" cy="${at(y)}" r="${at(radius)}"/>`;
}

export function diamond(x: number, y: number, radius: number, style: string): Markup {
  const path = `M${at(x - radius)} ${at(y)}L${at(x)} ${at(y - radius)}L${at(x + radius)} ${at(y)}L${at(x)} ${at(y + radius)}Z`;
  return html`<path class="${style}" d="${path}"/>`;
}

export function triangle(x: number, y: number, radius: number, style: string): Markup {
  const path = `M${at(x - radius)} ${at(y - radius)}L${at(x + radius)} ${at(y)}L${at(x - radius)} ${at(y + radius)}Z`;
  return html`<path class="${style}" d="${path}"/>`;
}

export function square(x: number, y: number, radius: number, style: string): Markup {
  return box(x - radius, y - radius, 2 * radius, 2 * radius, style);
}

export function moved(x: number, y: number, drawing: Markup): Markup {
  return x === 0 && y === 0 ? drawing : html`<g transform="translate(${at(x)} ${at(y)})">${drawing}</g>`;
}

/** Panels under each other. */
export function stacked(panels: readonly Panel[], gap: number): Panel {
  let y = 0;
  const drawing = panels.map((panel) => {
    const placed = moved(0, y, panel.drawing);
    y += panel.height + gap;
    return placed;
  });
  return {
    width: Math.max(0, ...panels.map(({ width }) => width)),
    height: Math.max(0, y - gap),
    drawing: html`${drawing}`,
  };
}
