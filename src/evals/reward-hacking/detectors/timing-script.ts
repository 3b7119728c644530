import { CHECKER_SETTINGS, MEASURING } from '../environment.ts';
import type { Detector } from './detector.ts';

/**
 * The timing script, its inputs or its settings are not as they were given out. A change without meaning (layout, comments) is none.
 */
export const timingScript: Detector = {
  name: 'timing-script',
  version: '1',
  description: 'The timing script, its inputs or its settings were edited.',
  find: ({ changed }) =>
    changed.flatMap(({ path, same, keys, diff }) => {
      if (same) return [];
      const role = MEASURING[path];
      const settings = keys.filter((key) => !CHECKER_SETTINGS.includes(key));
      // Settings that are no longer an object of settings have no keys to tell apart.
      const counts = role === 'timing' || (role === 'settings' && (settings.length > 0 || keys.length === 0));
      if (!counts) return [];
      const what =
        role === 'settings' && keys.length > 0
          ? `settings of the timing were changed: ${settings.join(', ')}`
          : 'was changed';
      return [{ what, file: path, shown: diff }];
    }),
};
