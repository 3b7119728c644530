import { counted, listed } from '../../format/index.ts';
import type { ImageFault, ImageReport } from '../../sandbox/index.ts';

/** What the images that samples bring cannot be built of on this machine, and what their tools will really be. */
export function imageWarnings(report: ImageReport | null): string[] {
  if (report === null) return [];
  return [...report.faults.map(faultInWords), ...standInWarning(report)];
}

/** One fault of images, with the first place and what to do. */
export function faultInWords({ message, remedy, file, line, images }: ImageFault): string {
  const others = images === 1 ? '' : ` and ${counted(images - 1, 'other image')}`;
  const place = `${file}${line === undefined ? '' : `:${line}`}${others}`;
  return `${place}: ${message}.${remedy === undefined ? '' : ` ${remedy}`}`;
}

function standInWarning({ standIn }: ImageReport): string[] {
  if (standIn === null) return [];
  const { named, is } = standIn;
  return [
    `Images of scenarios are built over ${is}, because ${listed(named)} ${named.length === 1 ? 'is' : 'are'} not in Docker here: ` +
      `tools such as jq and python3 are of other versions, and may answer otherwise. With Docker, ${listed(named.map((name) => `docker pull ${name}`))} brings the tools that are meant.`,
  ];
}
