import { useEffect, useMemo, useRef } from 'react';
import type { Block } from '../../report/document/block.ts';
import { htmlBlocks } from '../../report/html/blocks.ts';

/**
 * Blocks of the report, drawn by the report's own renderer, which escapes every text. The result is parsed as a document of
 * its own, in which no script runs, and its nodes are taken over.
 *
 * @param follow what a link within the document does
 */
export function Blocks({
  blocks,
  sections = false,
  follow,
  samplesOf,
}: {
  readonly blocks: readonly Block[];
  readonly sections?: boolean;
  readonly follow: (id: string) => void;
  /** The address of a measure's samples. */
  readonly samplesOf?: (measure: string) => string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const text = useMemo(() => {
    const renderer = htmlBlocks(samplesOf);
    return (sections ? renderer.sections(blocks) : renderer.flow(blocks)).text;
  }, [blocks, sections, samplesOf]);
  useEffect(() => {
    const parsed = new DOMParser().parseFromString(text, 'text/html');
    place.current?.replaceChildren(...parsed.body.childNodes);
  }, [text]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the links inside are what is clicked
    // biome-ignore lint/a11y/useKeyWithClickEvents: the links inside answer to the keyboard
    <div
      ref={place}
      className="document"
      onClick={(event) => {
        const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
        if (link === null || link.getAttribute('href')!.startsWith('#/')) return;
        event.preventDefault();
        follow(link.getAttribute('href')!.slice(1));
      }}
    />
  );
}

/** Shows an element of a document and what is folded around it. */
export function reveal(id: string): void {
  const element = document.getElementById(id);
  for (let at = element?.parentElement; at; at = at.parentElement)
    if (at instanceof HTMLDetailsElement) at.open = true;
  if (element instanceof HTMLDetailsElement) element.open = true;
  element?.scrollIntoView();
  element?.setAttribute('tabindex', '-1');
  element?.focus({ preventScroll: true });
}
