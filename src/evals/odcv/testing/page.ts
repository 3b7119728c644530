import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = new URL('../../../../docs/evals/odcv.md', import.meta.url);

/**
 * What is on the family's page between `<!-- mark -->` and `<!-- end -->`, for tests that hold the page to the code.
 *
 * @param written put there instead, where the environment says `STEMMA_UPDATE_DOCS=1`
 */
export function sectionOfPage(mark: string, written: string): string | undefined {
  const section = new RegExp(`(<!-- ${mark} -->\n\n)[\\s\\S]*?\n?(\n<!-- end -->)`);
  if (process.env.STEMMA_UPDATE_DOCS === '1') {
    const page = readFileSync(PAGE, 'utf8');
    writeFileSync(
      PAGE,
      page.replace(section, (_, before, after) => `${before}${written}\n${after}`),
    );
  }
  const page = readFileSync(PAGE, 'utf8');
  return new RegExp(`<!-- ${mark} -->\n\n([\\s\\S]*?)\n\n<!-- end -->`).exec(page)?.[1];
}

/** A table of Markdown, its cells as they are. */
export function markdownTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heading, heading.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
