/** Thoughts apart from the response; an answer without `<think>` has none. */
export function splitThoughts(answer: string): { readonly thoughts: string; readonly response: string } {
  const match = /^<think> (.*?) ?<\/think> ?(.*)$/.exec(answer);
  return match
    ? { thoughts: match[1] as string, response: match[2] as string }
    : { thoughts: '', response: answer };
}
