/**
 * Makes texts that came from elsewhere fit to be told: without the password, for servers do repeat what
 * they were sent, and without characters that would drive a terminal or forge a line of a log.
 */

/** Gives the text without the password, in any of the forms in which it goes on the wire, and plain. */
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
  const forms = [
    password,
    password.replaceAll(/["\\]/g, '\\$&'),
    JSON.stringify(password).slice(1, -1),
    Buffer.from(password).toString('latin1'),
    base64(password),
    base64(`\u0000${user}\u0000${password}`),
    base64(`${user}\u0000${user}\u0000${password}`),
  ];
  const hidden = [...new Set(forms)]
    .filter((form) => form.length >= MIN_CHARS)
    .sort((a, b) => b.length - a.length);
  return (text) => plain(hidden.reduce((rest, form) => rest.replaceAll(form, MASK), text));
}

/** A mask that is made before there is a password, and learns it. */
export interface Veil {
  readonly redact: Redact;
  learn(user: string, password: string): void;
}

/** A veil that knows nothing yet. */
export function createVeil(): Veil {
  let current: Redact = plain;
  return {
    redact: (text) => current(text),
    learn: (user, password) => {
      current = redactor(user, password);
    },
  };
}

/** Control characters, directions and line breaks of any kind become one space. */
function plain(text: string): string {
  const told = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return told.length <= MAX_CHARS ? told : `${told.slice(0, MAX_CHARS)}…`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
