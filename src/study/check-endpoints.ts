import { InputError } from '../core/index.ts';
import type { Problems, Sound } from '../files/index.ts';
import { headerFault, settingsByBaseUrl } from '../models/index.ts';
import type { SoundStudy } from './rows.ts';

/** Endpoints go by base URL or provider, and hold no key that would end up in records. */
export function checkEndpoints({ endpoints = {} }: SoundStudy, problems: Problems): void {
  for (const [key, endpoint] of Object.entries(endpoints)) {
    checkHeaders(key, endpoint?.headers, problems);
    try {
      settingsByBaseUrl({ [key]: {} });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.addKey(['endpoints', key], error.message, error.remedy);
    }
  }
}

const CARRIES_A_KEY = /auth|key|token|secret|cookie/i;

function checkHeaders(
  endpoint: string,
  headers: Sound<Record<string, string>> | undefined,
  problems: Problems,
): void {
  for (const [name, value] of Object.entries(headers ?? {})) {
    const fault = value === undefined ? null : headerFault(name, value);
    if (fault !== null)
      problems.add(
        ['endpoints', endpoint, 'headers', name],
        fault,
        'Leave it out, or write NAME: VALUE in ASCII.',
      );
    if (value === undefined || fault !== null || !CARRIES_A_KEY.test(name) || value.includes('${')) continue;
    const remedy = `Put it into the environment and write \`${name}: \${NAME}\`, or use api_key_env.`;
    problems.add(
      ['endpoints', endpoint, 'headers', name],
      `the header "${name}" looks like a key, and a study is kept in every run`,
      remedy,
    );
  }
}
