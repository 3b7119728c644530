import { globToRegExp } from './glob.ts';

/** Says of a path relative to the context whether `.dockerignore` leaves it out. */
type Ignored = (path: string) => boolean;

/**
 * Reads the patterns of a `.dockerignore`: comments, `!` for exceptions, `**` for any depth; the last that matches a path, or a
 * folder above it, decides.
 *
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function readIgnore(text: string): Ignored {
  const patterns = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      keeps: line.startsWith('!'),
      match: globToRegExp(clean(line.replace(/^!\s*/, '')), { deep: true }),
    }));
  return (path) => {
    const parts = path.split('/');
    const lineage = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    let ignored = false;
    for (const { keeps, match } of patterns)
      if (ignored === keeps && lineage.some((part) => match.test(part))) ignored = !keeps;
    return ignored;
  };
}

function clean(pattern: string): string {
  return pattern
    .replace(/^\.?\/+/, '')
    .replace(/(?<!\/)\/+$/, '')
    .replace(/\/{2,}/g, '/');
}
