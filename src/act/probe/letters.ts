/** The messages that a probe appends: small, of one sender that cannot exist, and marked as its own. */

/** The header field that every one of them has. */
export const PROBE_FIELD = 'X-Mailwright-Probe';

/** A date that no server would make up: what becomes of it shows who keeps dates. */
export const OLD_DATE_MS = Date.UTC(2001, 1, 3, 4, 5, 6);

const DOMAIN = 'probe.mailwright.invalid';

/** A letter as octets. `token` tells the probe, `name` the letter. */
export function letter(name: string, token: string, nowMs: number): Uint8Array {
  const lines = [
    `Message-ID: <${name}.${token}@${DOMAIN}>`,
    `Date: ${new Date(nowMs).toUTCString().replace('GMT', '+0000')}`,
    `From: Mailwright probe <probe@${DOMAIN}>`,
    `To: Mailwright probe <probe@${DOMAIN}>`,
    `Subject: Mailwright probe: ${name}`,
    `${PROBE_FIELD}: ${token}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'mailwright check --live --probe made this message, and removes it at its end.',
    '',
  ];
  return Buffer.from(lines.join('\r\n'), 'ascii');
}

/** The name of the letter with this Message-ID; undefined for a message of somebody else. */
export function letterIn(messageId: string): string | undefined {
  return /^<([a-z]+)\.[^<>@]+@probe\.mailwright\.invalid>$/.exec(messageId.trim())?.[1];
}
