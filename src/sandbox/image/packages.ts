/**
 * What a RUN line installs. Nothing can be downloaded while an image is built, so such a line is held against what the base
 * has; the rest of the line runs.
 */
export interface PackageRequest {
  /** Debian packages. */
  readonly packages: readonly string[];
  /** Python distributions. */
  readonly distributions: readonly string[];
  /** Requirement files of pip, as written. */
  readonly requirements: readonly string[];
  /** What is left of the line; `''` where nothing is. */
  readonly rest: string;
}

/** What a base has got. */
export interface Installed {
  has(kind: 'package' | 'distribution', name: string): boolean;
}

/** Installers: pointless where nothing can be downloaded, so that their absence changes nothing. */
const INSTALLERS = new Set([
  'python3-pip',
  'pip',
  'setuptools',
  'wheel',
  'apt-utils',
  'apt-transport-https',
  'ca-certificates',
]);
const APT = /^(?:[A-Z_]+=\S+\s+)*(?:apt-get|apt)\s+(?<rest>.*)$/s;
const PIP = /^(?:[A-Z_]+=\S+\s+)*(?:pip3?|python3?\s+-m\s+pip)\s+(?<rest>.*)$/s;
const LISTS = /^rm\s+(?:-\w+\s+)+\/var\/(?:lib\/apt|cache\/apt)\S*$/;
/** Options of apt-get and pip that take their value as a word of its own. */
const VALUED = new Set([
  '-o',
  '-t',
  '--target-release',
  '-c',
  '-i',
  '--index-url',
  '--extra-index-url',
  '--find-links',
  '-f',
  '--trusted-host',
]);

/** @returns `undefined` where the line installs nothing */
export function packageRequest(line: string): PackageRequest | undefined {
  const parts = line.split('&&').map((part) => part.trim());
  const found = { packages: [] as string[], distributions: [] as string[], requirements: [] as string[] };
  const rest: string[] = [];
  let isRequest = false;
  for (const part of parts) {
    // Anything cleverer than words is the shell's to read, and is left to run (and to fail).
    const taken = !/[|;`$(<>"'\n]/.test(part) && take(part, found);
    isRequest ||= taken && !LISTS.test(part);
    if (!taken) rest.push(part);
  }
  if (!isRequest) return undefined;
  return {
    packages: found.packages.filter((name) => !INSTALLERS.has(name)),
    distributions: found.distributions.filter((name) => !INSTALLERS.has(name)),
    requirements: found.requirements,
    rest: rest.filter((part) => !LISTS.test(part)).join(' && '),
  };
}

function take(
  part: string,
  found: { packages: string[]; distributions: string[]; requirements: string[] },
): boolean {
  if (LISTS.test(part)) return true;
  const apt = APT.exec(part)?.groups?.rest;
  if (apt !== undefined) {
    const [verb, ...names] = argumentsOf(apt).words;
    if (verb === 'install') found.packages.push(...names.map((name) => name.split(/[:=/]/)[0] as string));
    return ['install', 'update', 'upgrade', 'dist-upgrade', 'clean', 'autoclean', 'autoremove'].includes(
      verb ?? '',
    );
  }
  const pip = PIP.exec(part)?.groups?.rest;
  if (pip === undefined) return false;
  const { words, requirements } = argumentsOf(pip);
  if (words[0] !== 'install') return false;
  found.distributions.push(...words.slice(1).map(distributionName));
  found.requirements.push(...requirements);
  return true;
}

function argumentsOf(text: string): { words: string[]; requirements: string[] } {
  const all = text.split(/\s+/).filter(Boolean);
  const [words, requirements]: [string[], string[]] = [[], []];
  for (let at = 0; at < all.length; at += 1) {
    const word = all[at] as string;
    if (word === '-r' || word === '--requirement') requirements.push(all[++at] ?? '');
    else if (VALUED.has(word)) at += 1;
    else if (!word.startsWith('-')) words.push(word);
  }
  return { words, requirements };
}

/** The distributions that a requirement file of pip names. */
export function requirementNames(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('-'))
    .map(distributionName)
    .filter((name) => !INSTALLERS.has(name));
}

/** Names are equal without regard to case, and to the kind of dash. @see https://peps.python.org/pep-0503/ */
function distributionName(requirement: string): string {
  return (/^[A-Za-z0-9._-]+/.exec(requirement)?.[0] ?? requirement).toLowerCase().replace(/[-_.]+/g, '-');
}

/** The command that tells a package is there, where the package has another name than its command. */
const COMMAND_OF: Readonly<Record<string, string>> = {
  coreutils: 'ls',
  bsdmainutils: 'column',
  bsdextrautils: 'column',
  diffutils: 'diff',
  findutils: 'find',
  gawk: 'awk',
  iproute2: 'ip',
  mawk: 'awk',
  'netcat-openbsd': 'nc',
  'openssh-client': 'ssh',
  procps: 'ps',
  psmisc: 'killall',
  'python3-minimal': 'python3',
  'util-linux': 'mount',
  'vim-tiny': 'vi',
  'xz-utils': 'xz',
};

/**
 * @param status        text of `/var/lib/dpkg/status`; empty where the base has none
 * @param commands      names of the programs on the base's path
 * @param distributions normalised names of installed Python distributions
 */
export function installedFrom(
  status: string,
  commands: ReadonlySet<string>,
  distributions: ReadonlySet<string>,
): Installed {
  const packages = new Set<string>();
  for (const entry of status.split(/\n\n+/)) {
    const name = /^Package: (.*)$/m.exec(entry)?.[1];
    if (name !== undefined && /^Status: .* installed$/m.test(entry)) packages.add(name);
  }
  return {
    has: (kind, name) =>
      kind === 'distribution'
        ? distributions.has(name)
        : packages.has(name) || commands.has(COMMAND_OF[name] ?? name),
  };
}

/** The name of a Python distribution from its metadata folder, such as `PyYAML-6.0.dist-info`. */
export function distributionOfFolder(name: string): string | undefined {
  const found =
    /^(.+?)-[^-]+?(?:-py[\d.]+)?\.(?:dist|egg)-info$/.exec(name)?.[1] ?? /^(.+)\.egg-info$/.exec(name)?.[1];
  return found && distributionName(found);
}
