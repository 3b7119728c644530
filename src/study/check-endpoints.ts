import { InputError } from '../core/index.ts';
import type { KeyPath, Problems } from '../files/problems.ts';
import { settingsByBaseUrl } from '../models/index.ts';
import { isObject } from './input.ts';
import { memberOf } from './loose.ts';

/** Endpoints go by base URL or provider, and hold no key that would end up in records. */
export function checkEndpoints(study: unknown, problems: Problems): void {
  const endpoints = memberOf(study, 'endpoints');
  if (!isObject(endpoints)) return;
  for (const [key, endpoint] of Object.entries(endpoints)) {
    checkHeaders(memberOf(endpoint, 'headers'), ['endpoints', key, 'headers'], problems);
    try {
      settingsByBaseUrl({ [key]: {} });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.addKey(['endpoints', key], error.message, error.remedy);
    }
  }
}

const CARRIES_A_KEY = /auth|key|token|secret|cookie/i;

function checkHeaders(headers: unknown, path: KeyPath, problems: Problems): void {
  if (!isObject(headers)) return;
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' || !CARRIES_A_KEY.test(name) || value.includes('${')) continue;
    const remedy = `Put it into the environment and write \`${name}: \${NAME}\`, or use api_key_env.`;
    problems.add(
      [...path, name],
      `the header "${name}" looks like a key, and a study is kept in every run`,
      remedy,
    );
  }
}
