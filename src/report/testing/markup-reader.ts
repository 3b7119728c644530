/** An element of a document as its tests see it. */
export interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const VOID = new Set(['meta', 'link', 'br', 'hr', 'wbr', 'img', 'input']);

/**
 * All tags of an HTML or SVG document that we wrote ourselves, in order.
 * @throws Error where tags do not nest, an attribute is not quoted or comes twice, or a bare `<` or `&` is left in a text
 */
export function tagsOf(document: string): Tag[] {
  const tags: Tag[] = [];
  const open: string[] = [];
  const body = document.replace(/^<!doctype html>\n/, '').replace(/(<style>)[^<]*(<\/style>)/g, '$1$2');
  const token = /<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>|([<&][^;\s]{0,20};?)/g;
  for (const [found, close, name, attributes, empty, loose] of body.matchAll(token)) {
    if (loose !== undefined) {
      if (/^&(amp|lt|gt|quot|#39|nbsp);/.test(loose)) continue;
      throw new Error(`a bare "${loose}"`);
    }
    if (close) {
      const last = open.pop();
      if (last !== name) throw new Error(`</${name}> closes <${last}>`);
      continue;
    }
    tags.push({ name: name!, attributes: attributesOf(attributes!, found) });
    if (!empty && !VOID.has(name!)) open.push(name!);
  }
  if (open.length > 0) throw new Error(`<${open.join('><')}> stays open`);
  return tags;
}

function attributesOf(text: string, tag: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/\s+([\w:-]+)(?:="([^"]*)")?/g)) {
    if (name! in attributes) throw new Error(`${name} comes twice in ${tag}`);
    attributes[name!] = value ?? '';
  }
  return attributes;
}
