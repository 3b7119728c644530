import { html, type Markup } from '../../format/index.ts';
import { hatch, moved, type Panel } from './draw.ts';
import { figureStyle, LIGHT } from './theme.ts';

interface StandaloneOptions {
  readonly title: string;
  readonly description: string;
  readonly id: string;
  /** `none` for a page that has its own; text and lines stay dark. */
  readonly background: 'white' | 'none';
}

const EDGE = 20;

/** A panel as an SVG document of its own: its style and its text alternative inside, dark on white. */
export function standalone(panel: Panel, { title, description, id, background }: StandaloneOptions): Markup {
  const [width, height] = [Math.ceil(panel.width + 2 * EDGE), Math.ceil(panel.height + 2 * EDGE)];
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="f" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title>
<desc id="${id}-description">${description}</desc>
<style>${figureStyle((name) => LIGHT[name])}</style>
${hatch(id)}
${background === 'white' ? html`<rect class="paper" width="${width}" height="${height}"/>\n` : null}${moved(EDGE, EDGE, panel.drawing)}
</svg>
`;
}

/** A panel inside a page, whose style it takes; `shown` says on which screens. */
export function inline(
  panel: Panel,
  { id, alternative, shown }: { id: string; alternative: string; shown: 'wide' | 'narrow' },
): Markup {
  const [width, height] = [Math.ceil(panel.width), Math.ceil(panel.height)];
  return html`<svg class="f ${shown}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${alternative}">${hatch(id)}${panel.drawing}</svg>`;
}
