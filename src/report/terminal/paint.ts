import type { FindingsStage } from '../../findings/findings.ts';
import { painter } from '../../format/index.ts';

/** Colours and weights of the terminal, or none of them. Nothing is said by colour alone. */
export interface Paint {
  strong(text: string): string;
  soft(text: string): string;
  alert(text: string): string;
  stage(role: FindingsStage['role'], text: string): string;
}

const COLORS = { 'first-trained': 'blue', production: 'yellow', other: 'gray' } as const;

export function paint(color: boolean): Paint {
  const style = painter(color);
  return {
    strong: (text) => style('bold', text),
    soft: (text) => style('dim', text),
    alert: (text) => style(['bold', 'yellow'], text),
    stage: (role, text) => style(COLORS[role], text),
  };
}
