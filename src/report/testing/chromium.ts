import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const path = PLACES.find((place) => existsSync(place));

/** What is added to the name of a test that needs a browser; empty where there is one. */
export const skipped = path === undefined ? ' (skipped: no chromium here; apt-get install chromium)' : '';

/** Starts the system's Chromium. It may not reach any network by itself; pages are still to be blocked by the test. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: path!,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'],
  });
}
