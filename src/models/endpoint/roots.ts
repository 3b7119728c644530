import { parsedJson } from '../../core/parsed-json.ts';
import { nameOf } from '../protocols/served.ts';
import { optionalMembers } from '../protocols/shape.ts';

/**
 * The `root` of each model in the body of `/v1/models`: vLLM and SGLang say there which path or repository they loaded. A
 * root that repeats the name says nothing and is left out.
 *
 * @returns by name; empty for any body that is not such a list
 * @see https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
 * @example readRoots('{"data":[{"id":"m","root":"/weights/a"}]}').get('m') // => '/weights/a'
 */
export function readRoots(text: string): ReadonlyMap<string, string> {
  const { data } = optionalMembers(parsedJson(text));
  const roots = new Map<string, string>();
  if (!Array.isArray(data)) return roots;
  for (const { id, root } of data.map(optionalMembers)) {
    const [name, path] = [nameOf(id), nameOf(root)];
    if (name !== '' && path !== '' && path !== name) roots.set(name, path);
  }
  return roots;
}
