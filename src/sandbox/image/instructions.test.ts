import { describe, expect, it } from 'vitest';
import { readInstructions } from './instructions.ts';
import { parseDockerfile } from './parse.ts';

const read = (text: string) => readInstructions(parseDockerfile(text, 'Dockerfile'), 'Dockerfile');

describe('a Dockerfile', () => {
  it('is read instruction by instruction, variables put in, paths absolute', () => {
    const image = read(
      [
        '# syntax=docker/dockerfile:1',
        'FROM debian:bookworm-slim',
        'ENV DATA=/srv/data MODE="a b" \\',
        '    # a comment inside',
        '',
        '    LAST=x',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile's own syntax
        'ENV OLD form of ${MODE}',
        'WORKDIR /app',
        'WORKDIR sub',
        'COPY --chmod=555 a.sh b.sh ./',
        'COPY ["with blank.txt", "$DATA/"]',
        'RUN echo $NOT_OURS \\',
        '  && ls',
        'RUN ["ls", "-l"]',
        'USER agent',
        'CMD ["python3", "serve.py"]',
      ].join('\n'),
    );
    expect(image.from).toBe('debian:bookworm-slim');
    expect(image.env).toEqual({ DATA: '/srv/data', MODE: 'a b', LAST: 'x', OLD: 'form of a b' });
    expect(image).toMatchObject({ workdir: '/app/sub', user: 'agent', cmd: ['python3', 'serve.py'] });
    expect(image.steps.map(({ line, kind }) => [line, kind])).toEqual([
      [8, 'workdir'],
      [9, 'workdir'],
      [10, 'copy'],
      [11, 'copy'],
      [12, 'run'],
      [14, 'run'],
    ]);
    expect(image.steps[2]).toMatchObject({
      copy: { sources: ['a.sh', 'b.sh'], target: '/app/sub', intoFolder: true, mode: 0o555 },
    });
    // In the exec form of COPY nothing is put in, as in Docker's JSON it would be: the path is as written.
    expect(image.steps[3]).toMatchObject({ copy: { sources: ['with blank.txt'], intoFolder: true } });
    expect(image.steps[4]).toMatchObject({ run: { command: 'echo $NOT_OURS   && ls', workdir: '/app/sub' } });
    expect(image.steps[5]).toMatchObject({ run: { command: ['ls', '-l'] } });
  });

  it.each([
    ['RUN ls', 1, 'RUN comes before FROM'],
    ['FROM a\nFROM b', 2, 'a second FROM'],
    ['FROM a\n\nENTRYPOINT ["x"]', 3, 'the instruction ENTRYPOINT is not supported'],
    ['FROM a\nARG X=1', 2, 'the instruction ARG is not supported'],
    ['FROM a\nCOPPY a b', 2, 'the instruction COPPY is not supported'],
    ['FROM a\nCOPY --from=build /a /b', 2, 'COPY with --from=build is not supported'],
    ['FROM a\nCOPY one', 2, 'at least one source and a target'],
    ['FROM a\nADD https://example.org/x /x', 2, 'only files and folders of the context'],
    ['FROM a\nADD src.tar.gz /x', 2, 'only files and folders of the context'],
    ['FROM a\nRUN --mount=type=cache ls', 2, 'RUN with --mount=type=cache is not supported'],
    ['FROM a\nRUN cat <<EOF\nx\nEOF', 2, 'here-document'],
    ['FROM a\nENV NAME', 2, 'ENV sets variables as NAME=value'],
    ['FROM a\nWORKDIR "/a', 2, 'is opened and not closed'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile's own syntax
    ['FROM a\nWORKDIR ${A:?x}', 2, 'not understood'],
    ['FROM a\nRUN ls \\', 2, 'ends inside an instruction'],
    ['FROM scratch', 1, 'needs a base'],
    ['# escape=`\nFROM a', 1, 'escape sign'],
  ])('%j is an error that names its line', (text, line, message) => {
    try {
      read(text);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).toContain(`Dockerfile:${line}: `);
      expect(String(error)).toContain(message);
    }
  });

  it('without FROM is an error', () => {
    expect(() => read('# nothing')).toThrow('begins with FROM');
  });
});
