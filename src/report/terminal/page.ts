import type { FindingsStage } from '../../findings/findings.ts';
import { lines } from './cells.ts';
import type { Paint } from './paint.ts';

/** Who draws, on how much room, and how the stages are called. */
export interface Page extends Paint {
  readonly width: number;
  readonly stageOf: (id: string) => FindingsStage;
  readonly name: (id: string) => string;
}

/** A sentence after its mark of two cells, its later lines indented as far. */
export function hanging(text: string, mark: string, page: Page): string[] {
  return lines(text, Math.min(page.width, 100) - 2).map((line, index) => (index === 0 ? mark : '  ') + line);
}
