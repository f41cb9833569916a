/**
 * Makes texts that came from elsewhere fit to be told: without the password or the token, for servers do
 * repeat what they were sent, and without characters that would drive a terminal or forge a line of a log.
 */

/** Gives the text without the secret, in any of the forms in which it goes on the wire, and plain. */
export type Redact = (text: string) => string;

const MASK = '•••';
/** What a server says is for people, who read no more. */
const MAX_CHARS = 4000;
/** A shorter password is found in ordinary words; masking those would give it away. */
const MIN_CHARS = 4;

/**
 * Makes the mask for one account: the password as it is, quoted, as UTF-8 octets read one by one,
 * and in the Base64 of SASL PLAIN and LOGIN (RFC 4616).
 */
export function redactor(user: string, password: string): Redact {
  return masking([
    password,
    password.replaceAll(/["\\]/g, '\\$&'),
    JSON.stringify(password).slice(1, -1),
    Buffer.from(password).toString('latin1'),
    base64(password),
    base64(`\u0000${user}\u0000${password}`),
    base64(`${user}\u0000${user}\u0000${password}`),
  ]);
}

function masking(forms: readonly string[]): Redact {
  const hidden = [...new Set(forms)]
    .filter((form) => form.length >= MIN_CHARS)
    .sort((a, b) => b.length - a.length);
  return (text) => plain(hidden.reduce((rest, form) => rest.replaceAll(form, MASK), text));
}

/** A mask that is made before there is a secret, and learns each that is shown. */
export interface Veil {
  readonly redact: Redact;
  learn(mask: Redact): void;
}

/** A veil that knows nothing yet. */
export function createVeil(): Veil {
  const masks: Redact[] = [plain];
  return {
    redact: (text) => masks.reduce((rest, mask) => mask(rest), text),
    learn: (mask) => {
      masks.unshift(mask);
    },
  };
}

/** Control characters, directions and line breaks of any kind become one space. */
function plain(text: string): string {
  const told = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return told.length <= MAX_CHARS ? told : `${told.slice(0, MAX_CHARS)}…`;
}

/**
 * The same for an access token: as it is, and in the Base64 of OAUTHBEARER (RFC 7628 §3.1), for this
 * server, and of XOAUTH2.
 */
export function tokenRedactor(
  { user, host, port }: { user: string; host: string; port: number },
  token: string,
): Redact {
  const bearer = `auth=Bearer ${token}\u0001\u0001`;
  const name = user.replaceAll('=', '=3D').replaceAll(',', '=2C');
  return masking([
    token,
    base64(token),
    base64(`user=${user}\u0001${bearer}`),
    base64(`n,a=${name},\u0001host=${host}\u0001port=${port}\u0001${bearer}`),
  ]);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
