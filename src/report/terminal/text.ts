import { terminalLine } from '../../format/index.ts';
import { spansOf, type Text } from '../document/block.ts';
import { VERDICT_SHAPES } from '../outline.ts';

/** A text as a terminal shows it, without styles; a line break stays. */
export function plainText(text: Text): string {
  return spansOf(text)
    .map((span) => {
      if (typeof span === 'string') return terminalLine(span);
      if ('swatch' in span) return '';
      if ('break' in span) return '\n';
      if ('verdict' in span)
        return span.brief ? VERDICT_SHAPES[span.verdict] : `${VERDICT_SHAPES[span.verdict]} ${span.verdict}`;
      return terminalLine(span.text);
    })
    .join('');
}
