import { Markup } from '../../format/index.ts';

/** The colours by what they are for. Blue, orange and grey differ in lightness too, so that greyscale keeps them apart. */
export interface Theme {
  readonly paper: string;
  readonly ink: string;
  /** Secondary text: still 4.5 : 1 on paper. */
  readonly soft: string;
  readonly hairline: string;
  readonly axis: string;
  /** The stretch of differences that the margin calls the same. */
  readonly band: string;
  readonly 'band-edge': string;
  /** The first trained stage. */
  readonly first: string;
  readonly last: string;
  readonly hatch: string;
  readonly other: string;
  /** Shading of table cells: shown the same, different, materially different. */
  readonly same: string;
  readonly some: string;
  readonly material: string;
  /** The outline of bars: 3 : 1 on paper, whatever their filling. */
  readonly edge: string;
}

export const LIGHT: Theme = {
  paper: '#ffffff',
  ink: '#1a1c20',
  soft: '#565c66',
  hairline: '#e1e4e8',
  axis: '#878d97',
  band: '#e6edeb',
  'band-edge': '#6f8a83',
  first: '#21539b',
  last: '#ef9a3c',
  hatch: '#8a4a05',
  other: '#d3d7dc',
  same: '#dcebe6',
  some: '#eef0f2',
  material: '#d6dadf',
  edge: '#6b727d',
};

export const DARK: Theme = {
  paper: '#15171a',
  ink: '#e9e7e2',
  soft: '#a7adb7',
  hairline: '#2c3036',
  axis: '#767d88',
  band: '#20302d',
  'band-edge': '#7fa198',
  first: '#4a86d8',
  last: '#ffc07a',
  hatch: '#a65f14',
  other: '#4a5059',
  same: '#1f3a34',
  some: '#24282d',
  material: '#3a4048',
  edge: '#a3a9b3',
};

/** System fonts only: a report must open without a network. */
export const SANS = `system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif`;

/**
 * The style of everything drawn, given each colour: as it is for a figure that is alone, as a variable inside a page
 * that can be light or dark. Plain class selectors only, which every SVG renderer understands.
 */
export function figureStyle(color: (name: keyof Theme) => string): Markup {
  return new Markup(`
.f text { font-family: ${SANS}; font-size: 13px; fill: ${color('ink')}; font-variant-numeric: tabular-nums; }
.f .soft { fill: ${color('soft')}; }
.f .small { font-size: 11.5px; }
.f .tiny { font-size: 11px; }
.f .strong { font-weight: 600; }
.f .grid { stroke: ${color('hairline')}; stroke-width: 1; }
.f .base { stroke: ${color('axis')}; stroke-width: 1; }
.f .band { fill: ${color('band')}; }
.f .band-edge { stroke: ${color('band-edge')}; stroke-width: 1; stroke-dasharray: 3 3; }
.f .bar { stroke: ${color('edge')}; stroke-width: 1; }
.f .first { fill: ${color('first')}; }
.f .last { fill: ${color('last')}; }
.f .other { fill: ${color('other')}; }
.f .hatch { stroke: ${color('hatch')}; stroke-width: 1.4; }
.f .halo { stroke: ${color('paper')}; stroke-width: 4.5; fill: none; }
.f .whisker { stroke: ${color('ink')}; stroke-width: 1.6; fill: none; }
.f .inner { stroke: ${color('ink')}; stroke-width: 4; fill: none; }
.f .faint { stroke: ${color('soft')}; stroke-width: 1.3; fill: none; }
.f .point { fill: ${color('ink')}; stroke: ${color('ink')}; stroke-width: 1.6; }
.f .hollow { fill: ${color('paper')}; stroke: ${color('ink')}; stroke-width: 1.6; }
.f .hollow-soft { fill: ${color('paper')}; stroke: ${color('soft')}; stroke-width: 1.4; }
.f .paper { fill: ${color('paper')}; }
`);
}
