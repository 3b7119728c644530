import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, joined, Markup, printable } from './html.ts';

describe('html', () => {
  it('escapes what is put in, in text and in attributes', () => {
    const evil = `"><script>alert('&')</script>`;
    expect(html`<a title="${evil}">${evil}</a>`.text).toBe(
      '<a title="&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;">' +
        '&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;</a>',
    );
  });

  it('leaves markup as it is, joins arrays and drops what is not there', () => {
    expect(
      html`<ul>${['a', 'b'].map((item) => html`<li>${item}</li>`)}${null}${undefined}${false}${0}</ul>`.text,
    ).toBe('<ul><li>a</li><li>b</li>0</ul>');
    expect(joined(['<', new Markup('<br>')], html`<hr>`).text).toBe('&lt;<hr><br>');
  });

  it('never lets a text open a tag, end an attribute or begin an entity', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { text: out } = html`${text}`;
        expect(out).not.toMatch(/[<>"']/);
        expect(out.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
        expect(out.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('printable', () => {
  it('replaces escape sequences, lone surrogates and direction marks, and keeps the rest', () => {
    expect(printable('a\u001b[31mb\u202ec\ud800d\u0000')).toBe('a\ufffd[31mb\ufffdc\ufffdd\ufffd');
    expect(printable('Modèle 模型 α\n')).toBe('Modèle 模型 α\n');
  });
});
