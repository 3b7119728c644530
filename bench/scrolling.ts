import { launchChromium, skipped } from '../src/report/testing/chromium.ts';
import { median } from './row.ts';

/** Pixels that the list is scrolled by between two frames: some twelve rows. */
const STEP = 400;
const FRAMES = 300;

interface Scrolling {
  /** Frames in a second, by the median time between two. */
  readonly frames: number;
  /** Share of frames that took longer than one and a half of the 60th part of a second. */
  readonly late: number;
}

/**
 * Scrolls the list of trials in Chromium, without a graphics card. A page has its rows from the server while it scrolls.
 *
 * @param link as `stemma view` prints it
 * @returns null where there is no Chromium
 */
export async function scrollList(link: string): Promise<Scrolling | null> {
  if (skipped !== '') return null;
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.goto(link);
    await page.evaluate('location.hash = "#/runs/0/trials"');
    await page.waitForSelector('text=/ of [0-9,]+ samples/', { timeout: 120_000 });
    const times = (await page.evaluate(`new Promise((resolve) => {
      const list = document.querySelector('.list');
      const times = [];
      const step = (time) => {
        times.push(time);
        if (times.length > ${FRAMES}) return resolve(times);
        list.scrollTop += ${STEP};
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    })`)) as number[];
    const between = times.slice(1).map((time, at) => time - times[at]!);
    const late = between.filter((time) => time > 25).length / between.length;
    return { frames: 1000 / median(between), late };
  } finally {
    await browser.close();
  }
}
