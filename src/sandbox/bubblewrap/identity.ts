/** The uid and gid of the inside's ordinary user. */
export const AGENT_ID = 1000;

/**
 * Who the inside's users are outside.
 *
 * `range`: stemma runs as root, and the inside's ids 0…65535 are ids outside that no account of the machine has. The
 * inside's root and its ordinary user are two, and neither owns anything of the host.
 * `single`: stemma runs as an ordinary user, who can only be mapped to one id. The inside's root and its ordinary user are
 * both this user outside; they differ in name and capabilities, and a file of one is a file of the other.
 */
type Identity =
  | { readonly kind: 'range'; readonly first: number; readonly count: number }
  | { readonly kind: 'single' };

/** Above every range that Debian, systemd and Docker hand out. Always the same, so that built images keep their owners. */
const FIRST_ID = 1_879_048_192;

export const identity: Identity =
  process.getuid?.() === 0 ? { kind: 'range', first: FIRST_ID, count: 65_536 } : { kind: 'single' };
