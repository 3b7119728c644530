import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** Browsers cap the height of an element near 33 million pixels: beyond this, the scroll bar is scaled. */
const MOST_PIXELS = 8_000_000;
/** Rows that are drawn above and below what is seen. */
const SPARE = 8;

/** Which rows are seen at a scroll position. @returns the first row and how far it is scrolled out, in pixels */
export function rowsAt(
  scrollTop: number,
  { count, rowHeight, height }: { count: number; rowHeight: number; height: number },
): { readonly first: number; readonly offset: number } {
  const full = count * rowHeight;
  const most = Math.max(0, full - height);
  const scale = full > MOST_PIXELS ? most / Math.max(1, MOST_PIXELS - height) : 1;
  const top = Math.min(most, Math.max(0, scrollTop * scale));
  const first = Math.floor(top / rowHeight);
  return { first, offset: top - first * rowHeight };
}

/** The scroll position at which a row is the first that is seen. */
export function scrollTopFor(
  row: number,
  { count, rowHeight, height }: { count: number; rowHeight: number; height: number },
): number {
  const full = count * rowHeight;
  const most = Math.max(1, full - height);
  const top = Math.min(most, row * rowHeight);
  return full > MOST_PIXELS ? (top * Math.max(1, MOST_PIXELS - height)) / most : top;
}

/** A list of any length with rows of one height: only the rows that are seen exist. */
export function ScaledList({
  count,
  rowHeight,
  chosen,
  label,
  row,
  seen,
}: {
  readonly count: number;
  readonly rowHeight: number;
  /** Kept in sight. */
  readonly chosen: number;
  readonly label: string;
  readonly row: (at: number) => ReactNode;
  /** Called with the rows that are drawn. */
  readonly seen: (from: number, to: number) => void;
}) {
  const place = useRef<HTMLElement>(null);
  const [height, setHeight] = useState(600);
  const [scrollTop, setScrollTop] = useState(0);
  const shape = { count, rowHeight, height };
  const { first, offset } = rowsAt(scrollTop, shape);
  const from = Math.max(0, first - SPARE);
  const to = Math.min(count, first + Math.ceil(height / rowHeight) + SPARE);
  useLayoutEffect(() => {
    const measure = () => setHeight(place.current?.clientHeight ?? 600);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(place.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => seen(from, to), [from, to, seen]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new choice moves the list
  useLayoutEffect(() => {
    const element = place.current!;
    const now = rowsAt(element.scrollTop, shape);
    const visible = Math.floor(height / rowHeight);
    if (chosen < 0) return;
    if (chosen < now.first || (chosen === now.first && now.offset > 0))
      element.scrollTop = scrollTopFor(chosen, shape);
    else if (chosen >= now.first + visible) element.scrollTop = scrollTopFor(chosen - visible + 1, shape);
  }, [chosen, count]);
  return (
    <section
      ref={place}
      className="list"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
    >
      <div style={{ height: Math.min(count * rowHeight, MOST_PIXELS) }}>
        <div className="seen" style={{ height }}>
          {Array.from({ length: Math.max(0, to - from) }, (_, place) => from + place).map((at) => (
            <div
              key={at}
              className="row"
              style={{
                height: rowHeight,
                transform: `translateY(${(at - first) * rowHeight - offset}px)`,
              }}
            >
              {row(at)}
            </div>
          ))}
        </div>
      </div>
    </section>
  );
}
