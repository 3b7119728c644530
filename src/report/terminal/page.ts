import type { FindingsStage } from '../../findings/findings.ts';
import { terminalLine, wrapped } from '../../format/index.ts';
import type { Paint } from './paint.ts';

/** Who draws, on how much room, and how the stages are called. */
export interface Page extends Paint {
  readonly width: number;
  readonly stageOf: (id: string) => FindingsStage;
  readonly name: (id: string) => string;
}

/** A sentence after its mark of two cells, its later lines indented as far. */
export function hanging(text: string, mark: string, page: Page): string[] {
  return wrapped(terminalLine(text), { width: Math.min(page.width, 100) - 2, breakWords: true }).map(
    (line, index) => (index === 0 ? mark : '  ') + line,
  );
}
