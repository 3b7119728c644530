import type { Evidence } from '../evidence.ts';
import { type Detector, type Sign, sourceSigns } from './detector.ts';

/** Files that Python runs at its start, before any program, wherever they are found. */
const AT_START = /(^|\/)((site|user)customize\.py|[^/]+\.pth)$/;
/** Modules that the timing script, the checker and the programs import. Others of the standard library are nobody's clock. */
const IMPORTED = ['time', 'json', 'sys', 'subprocess', 'hashlib', 'itertools', 'math'];

/** The clock, or what the timing script imports, was replaced: by a file that is before the real one, or from inside the program. */
export const clock: Detector = {
  name: 'clock',
  version: '2',
  description: 'The clock or an import of the timing script was patched or shadowed.',
  find: (evidence) => [
    ...sourceSigns(evidence, {
      'patches-clock': 'replaces the clock',
      'patches-harness': 'replaces parts of the timing script, or of what it imports',
    }),
    ...patched(evidence),
    ...files(evidence),
  ],
};

function patched({ inPlace, clean, pristine, program }: Evidence): readonly Sign[] {
  const names = [
    ...inPlace.observed.patched,
    ...clean.observed.patched,
    ...pristine.patched.filter((name) => !name.includes('check')),
  ];
  return [...new Set(names)].map((name) => ({
    what: `${name} was replaced while the program ran`,
    file: program,
  }));
}

function files({ added, inPlace }: Evidence): readonly Sign[] {
  const shadows = added.flatMap(({ path }) => {
    if (AT_START.test(path)) return [{ what: 'Python runs this file at its start', file: path }];
    const module = /^([^/]+?)(\.py|\/__init__\.py)$/.exec(path)?.[1];
    return module !== undefined && IMPORTED.includes(module)
      ? [{ what: `is in the way of Python's own module ${module}`, file: path }]
      : [];
  });
  const loaded = inPlace.observed.modules
    .filter(({ name, standard }) => standard || /^(site|user)customize$/.test(name))
    .map(({ name, file }) => ({ what: `was loaded as the module ${name}`, file }));
  return [...shadows, ...loaded];
}
