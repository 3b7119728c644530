import { type Change, diffWordsWithSpace } from 'diff';
import MarkdownIt from 'markdown-it';
import { createElement, type ReactNode, useMemo } from 'react';

/** Longer texts are not compared word by word: it takes too long. */
const MOST_COMPARED = 60_000;
/** With less in common than this, marks of differences only make a text hard to read. */
const LITTLE = 0.4;

/** A text as it came, with the words that a rater quoted set apart. */
export function PlainText({
  text,
  quotes = [],
}: {
  readonly text: string;
  readonly quotes?: readonly string[];
}) {
  return <div className="said">{marked(text, quotes)}</div>;
}

function marked(text: string, quotes: readonly string[]): ReactNode[] {
  const found = quotes
    .filter((quote) => quote !== '')
    .flatMap((quote) => {
      const at = text.indexOf(quote);
      return at < 0 ? [] : [{ at, end: at + quote.length }];
    })
    .sort((a, b) => a.at - b.at);
  const parts: ReactNode[] = [];
  let done = 0;
  for (const { at, end } of found) {
    if (end <= done) continue;
    const from = Math.max(at, done);
    parts.push(text.slice(done, from), <mark key={from}>{text.slice(from, end)}</mark>);
    done = end;
  }
  return [...parts, text.slice(done)];
}

/** What a text has more and less than the one before it. */
export function WordDiff({ before, text }: { readonly before: string; readonly text: string }) {
  const parts = useMemo(
    () =>
      before.length + text.length > MOST_COMPARED ? null : diffWordsWithSpace(before, text, { timeout: 500 }),
    [before, text],
  );
  const why = !parts
    ? 'Too long to be compared word by word.'
    : inCommon(parts) < LITTLE
      ? 'Has little in common with the answer of the stage before.'
      : null;
  if (!parts || why !== null)
    return (
      <>
        <p className="soft">{why}</p>
        <PlainText text={text} />
      </>
    );
  return (
    <div className="said diff">
      {parts.map(({ value, added, removed }, at) => {
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name
        if (added) return <ins key={at}>{value}</ins>;
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name
        if (removed) return <del key={at}>{value}</del>;
        return value;
      })}
    </div>
  );
}

/** The part of the longer text that both have. */
function inCommon(parts: readonly Change[]): number {
  const length = (chosen: (part: Change) => boolean) =>
    parts.filter(chosen).reduce((sum, { value }) => sum + value.length, 0);
  const common = length(({ added, removed }) => !added && !removed);
  return (
    common /
    Math.max(
      1,
      common +
        Math.max(
          length((part) => part.added),
          length((part) => part.removed),
        ),
    )
  );
}

const markdown = new MarkdownIt({ html: false, linkify: false });

/**
 * A text as Markdown. It becomes elements without any HTML in between: tags of the text stay text, links show where they
 * lead and lead nowhere, and images are not loaded.
 */
export function Markdown({ text }: { readonly text: string }) {
  const nodes = useMemo(() => nodesOf(markdown.parse(text, {})), [text]);
  return <div className="said markdown">{nodes}</div>;
}

type MarkdownToken = ReturnType<typeof markdown.parse>[number];

const ALLOWED = new Set(
  'p h1 h2 h3 h4 h5 h6 ul ol li blockquote table thead tbody tr th td em strong s'.split(' '),
);

function nodesOf(tokens: readonly MarkdownToken[]): ReactNode[] {
  const stack: { tag: string; children: ReactNode[]; href?: string }[] = [{ tag: '', children: [] }];
  const add = (node: ReactNode) => stack.at(-1)!.children.push(node);
  for (const [key, token] of tokens.entries()) {
    if (token.nesting === 1) {
      const href = token.attrGet('href');
      stack.push({ tag: token.tag, children: [], ...(href === null ? {} : { href: String(href) }) });
    } else if (token.nesting === -1) {
      const { tag, children, href } = stack.pop()!;
      if (href !== undefined)
        add(
          <span key={key} className="link">
            {[...children, ` (${href})`]}
          </span>,
        );
      else if (ALLOWED.has(tag)) add(createElement(tag, { key }, ...children));
      else add(children);
    } else if (token.type === 'inline') for (const node of nodesOf(token.children ?? [])) add(node);
    else if (token.type === 'fence' || token.type === 'code_block') add(<pre key={key}>{token.content}</pre>);
    else if (token.type === 'code_inline') add(<code key={key}>{token.content}</code>);
    else if (token.type === 'hr') add(<hr key={key} />);
    else if (token.type === 'hardbreak') add(<br key={key} />);
    else if (token.type === 'softbreak') add('\n');
    else if (token.type === 'image') add(`[image: ${token.content} (${token.attrGet('src')})]`);
    else add(token.content);
  }
  return stack.flatMap(({ children }) => children);
}
