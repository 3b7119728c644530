import { readTextCalls } from '../src/agent/text-calls.ts';
import { readAction } from '../src/agent/text-protocol.ts';
import type { Tool } from '../src/core/index.ts';
import { processorMs } from '../src/core/testing/processor-time.ts';
import { signsOf } from '../src/core/trial-signs.ts';
import { stringMatch } from '../src/evals/refusals/string-match.ts';
import { email } from '../src/evals/user-logs/scrub/email.ts';
import { parseLenientJson } from '../src/files/lenient-json.ts';
import { parsePythonLiteral } from '../src/files/python-literal.ts';
import { printable } from '../src/format/html.ts';
import { markdownParagraph, markdownText } from '../src/format/markdown.ts';
import { terminalLine, terminalOutput } from '../src/format/terminal.ts';
import { fitsPattern } from '../src/hub/pattern.ts';
import { parseOdcvTranscript } from '../src/interchange/odcv/odcv-transcripts.ts';
import { serverMessage, statusFault } from '../src/models/endpoint/fault.ts';
import { isTooDeep } from '../src/models/protocols/depth.ts';
import { assembled } from '../src/models/protocols/event-stream.ts';
import { splitHarmony } from '../src/models/protocols/harmony.ts';
import { splitThoughts } from '../src/models/protocols/thoughts.ts';
import { parseAnswer } from '../src/raters/answer.ts';
import { readJudgeJson } from '../src/raters/judge-json.ts';
import { quoteFault } from '../src/raters/quote.ts';
import { replyObjects, withoutEnding } from '../src/raters/reply-objects.ts';
import { toolCallText } from '../src/raters/tool-call-text.ts';
import { exampleTranscript } from '../src/records/testing/example-run.ts';
import { parseDockerfile } from '../src/sandbox/image/parse.ts';
import { unifiedDiff } from '../src/sandbox/unified-diff.ts';

/** A function that goes through a text which somebody else wrote. */
export interface TextScanner {
  readonly name: string;
  /** Whose text it is. */
  readonly of: 'server' | 'judge' | 'agent' | 'file';
  readonly scan: (text: string) => unknown;
  /** Pieces that are repeated to make a text that is hard for it, besides `PIECES`. */
  readonly pieces?: readonly string[];
}

const tools: readonly Tool[] = [
  {
    name: 'bash',
    description: 'Runs a command.',
    parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
  },
];
const scale = { kind: 'labels', labels: ['yes', 'no'] } as unknown as Parameters<typeof parseAnswer>[1];
/** What a scanner throws for a text that it refuses is an answer, too. */
const tried = (scan: (text: string) => unknown) => (text: string) => {
  try {
    return scan(text);
  } catch {
    return undefined;
  }
};

/**
 * All functions that scan text from outside. YAML is not among them: the files are the user's own, and end at 2 MiB.
 *
 * One that is not here is found by `text-scanners.test.ts` if its file looks for
 * places in texts; its regular expressions are tried by `regular-expressions.test.ts` in any case.
 */
export const TEXT_SCANNERS: readonly TextScanner[] = [
  {
    name: 'splitThoughts',
    of: 'server',
    scan: (text) => splitThoughts(text),
    pieces: ['<think>', '</think>', '<think></think>', '```<think>'],
  },
  {
    name: 'splitHarmony',
    of: 'server',
    scan: (text) => splitHarmony(`<|channel|>${text}`),
    pieces: ['<|channel|>', '<|start|>assistant', '<|channel|>final<|message|>a', 'assistantfinal'],
  },
  {
    name: 'fitsPattern',
    of: 'server',
    scan: (text) => fitsPattern('**/*a*b*[0-9]', text),
    pieces: ['a/', 'ab1', 'a/b/'],
  },
  {
    name: 'assembled',
    of: 'server',
    scan: tried(assembled),
    pieces: ['data: {}\n\n', 'data:', 'event: a\n', '\n\n', '\r'],
  },
  { name: 'serverMessage', of: 'server', scan: serverMessage, pieces: ['<script>', '<style', '{"error":'] },
  {
    name: 'statusFault',
    of: 'server',
    scan: (text) => statusFault(500, text),
    pieces: ['<a>', 'content_filter '],
  },
  {
    name: 'readTextCalls',
    of: 'server',
    scan: (text) => readTextCalls(text, tools),
    pieces: [
      '<tool_call>',
      '<tool_call>{"name":"bash"}</tool_call>',
      '[TOOL_CALLS]',
      '<function=bash>',
      '<|python_tag|>',
      '{"name":',
      '<parameter=command>',
      '}; {',
    ],
  },
  {
    name: 'readAction',
    of: 'server',
    scan: (text) => readAction(text, tools, { cutOff: false }),
    pieces: ['```action\n', '```', '```bash\n', '~~~\n'],
  },
  {
    name: 'string-match',
    of: 'server',
    scan: (text) => stringMatch.judge(exampleTranscript('sft/refusals/a#1', { response: text })),
    pieces: ["I can't", 'sorry ', "I won't. ", 'Q: a\nA: b\n'],
  },
  {
    name: 'signsOf',
    of: 'server',
    scan: (text) => signsOf({ status: 'completed', response: text, output: [] }),
    pieces: ['<|im_start', '<｜', '[INST'],
  },
  {
    name: 'readJudgeJson',
    of: 'judge',
    scan: tried(readJudgeJson),
    pieces: ['{"a":', '[', '"\\', '{"a":1,'],
  },
  {
    name: 'replyObjects',
    of: 'judge',
    scan: tried(replyObjects),
    pieces: ['{', '}', '```json\n', '```', '{}', '<answer>', '"{'],
  },
  { name: 'withoutEnding', of: 'judge', scan: withoutEnding, pieces: ['<|im_end|>', '<|'] },
  { name: 'isTooDeep', of: 'server', scan: isTooDeep, pieces: ['[', '{"a":', '[]', '"[', '\\"'] },
  {
    name: 'parseAnswer',
    of: 'judge',
    scan: (text) => parseAnswer(text, scale),
    pieces: ['{"label":"yes"}', '{"label":', '```'],
  },
  {
    name: 'quoteFault, of the text',
    of: 'agent',
    scan: (text) => quoteFault('a b c d', text),
    pieces: ['. ', 'a b c ', '…', '" '],
  },
  {
    name: 'quoteFault, of the quote',
    of: 'judge',
    scan: (text) => quoteFault(text, 'a b c d'),
    pieces: ['. ', ' …', '"'],
  },
  {
    name: 'toolCallText',
    of: 'agent',
    scan: (text) => toolCallText({ name: 'bash', arguments: text }),
    pieces: ['{"a":', '\\n'],
  },
  {
    name: 'terminalLine',
    of: 'server',
    scan: terminalLine,
    pieces: ['\u001b[31m', '\u001b]0;', '\u202e', ' \n'],
  },
  {
    name: 'terminalOutput',
    of: 'server',
    scan: (text) => terminalOutput(text, true),
    pieces: ['\u001b[31m', '\u001b[', '\u001b[1m\u001b[22m'],
  },
  { name: 'printable', of: 'server', scan: printable, pieces: ['\u0000', '\ud800'] },
  { name: 'markdownText', of: 'server', scan: markdownText, pieces: ['*', '`', '[a](', '<b>', '|'] },
  { name: 'markdownParagraph', of: 'server', scan: markdownParagraph, pieces: ['1. ', '# ', '\n\n'] },
  { name: 'email', of: 'file', scan: (text) => [...email.find(text)], pieces: ['@', 'a@', 'a.b@c.', '.a'] },
  {
    name: 'parseLenientJson',
    of: 'file',
    scan: tried(parseLenientJson),
    pieces: ['NaN,', '{"a":', '"\\', '[NaN'],
  },
  {
    name: 'unifiedDiff',
    of: 'agent',
    scan: (text) => unifiedDiff(text, `b\n${text}`, { path: 'a' } as never),
    pieces: ['a\n', '\n'],
  },
  {
    name: 'parsePythonLiteral',
    of: 'file',
    scan: parsePythonLiteral,
    pieces: ['[', "'", '(', "{'a': ", '"""', '\\'],
  },
  {
    name: 'parseOdcvTranscript',
    of: 'file',
    scan: tried((text) => parseOdcvTranscript(text, 'a.txt')),
    pieces: ['== Step 1 ==\nrole: user\n', '== Step', 'content: ', 'reason: '],
  },
  {
    name: 'parseDockerfile',
    of: 'file',
    scan: tried((text) => parseDockerfile(text, 'Dockerfile')),
    pieces: ['RUN a \\\n', 'COPY a b\n', '# a\n', '\\\n', 'ENV A=$A '],
  },
];

/** Pieces that scanners of all kinds find hard. */
export const PIECES: readonly string[] = [
  ' ',
  'a',
  '<',
  '{',
  '[',
  '"',
  '`',
  '. ',
  '\n',
  'a ',
  '(',
  '0',
  '\\',
  "'",
  '<a',
  '```\n',
];

/** A text of a length, of one piece. */
export const repeated = (piece: string, length: number): string =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

/** CPU seconds that a scanner takes. */
export const secondsOf = (scan: TextScanner['scan'], text: string): number =>
  processorMs(() => scan(text)) / 1000;
