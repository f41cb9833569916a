/** Every bound of the program in one place, each with its reason. */
export const LIMITS = {
  /** RFC 7162 §4 recommends command lines of at most 8,192 octets. */
  commandLineBytes: 8192,
  /** A batch is one command and one journal row; more makes COPYUID fail on some servers. */
  batchUids: 500,
  /** Messages of one step outside the mailboxes: each is written down by itself. */
  effectUids: 50,
  /** A program of `exec` that runs longer is stopped. */
  programMs: 60_000,
  /** Messages per FETCH page: bounds memory, and keeps one slow page from blocking a stop. */
  fetchPageUids: 1000,
  /** A larger literal is not mail that a rule needs; imapflow's own default is 1 GB. */
  literalBytes: 64 * 1024 * 1024,
  /** A larger line is an attack or a broken server. */
  lineBytes: 16 * 1024 * 1024,
  /** All literals and lines of one response. */
  responseBytes: 128 * 1024 * 1024,
  /** The header fields of one message; more is indeterminate. */
  headerBlockBytes: 1024 * 1024,
  /** Text of one header value that a pattern sees. */
  headerValueChars: 65_536,
  /** Levels of multiparts in multiparts; more is indeterminate. */
  mimeDepth: 100,
  /** Leaf parts of one message; more is indeterminate. */
  mimeParts: 5000,
  /** One text part, or one raw body, that is fetched to be matched; more is indeterminate. */
  bodyPartBytes: 2 * 1024 * 1024,
  /** A regular expression in a rule: compiling one costs its length. */
  patternChars: 4000,
  /** Instructions of a compiled pattern: `{1000}` repeats what stands before it, in time and memory. */
  patternSteps: 10_000,
  /** Text of a body that a pattern sees. */
  bodyChars: 1024 * 1024,
  /** One rule or configuration file. */
  configFileBytes: 1024 * 1024,
  /** A file of another program to import: Gmail keeps 1,000 filters of about 1 KB at most. */
  importFileBytes: 2 * 1024 * 1024,
  /** A plan file: about 300 characters a message, for two hundred thousand of them. */
  planFileChars: 64 * 1024 * 1024,
  /** One segment of a mailbox name that came from a message. */
  nameSegmentChars: 60,
  /** Mailbox names longer than this are refused by common servers. */
  mailboxNameBytes: 200,
  /** A list file: two hundred thousand addresses. Larger ones make every addition slow. */
  listFileBytes: 8 * 1024 * 1024,
  /** One entry of a list file; no address or List-Id is longer (RFC 5321 §4.5.3.1). */
  listEntryChars: 1000,
  /** What is read of the answer of a webhook, and kept of what a program prints. */
  outsideAnswerBytes: 64 * 1024,
  /** One call of a webhook, from the look-up of its name to the last byte that is read. */
  webhookMs: 5000,
  connectMs: 20_000,
  greetingMs: 15_000,
  /** Connecting, greeting, TLS and login together. */
  loginMs: 60_000,
  commandMs: 120_000,
  /** The work is done when LOGOUT is sent; a server that does not answer is not waited for. */
  logoutMs: 5000,
  /** NOOP, or DONE after IDLE, cost a server nothing: without an answer the connection is dead. */
  probeMs: 15_000,
  /** NAT boxes drop silent flows after 5 to 15 minutes. */
  idleRenewMs: 9 * 60_000,
  /** A socket without a byte for longer is dead: servers end IDLE after 30 minutes (RFC 2177). */
  socketQuietMs: 29 * 60_000,
  pollMs: 5 * 60_000,
  /** Between two looks at whether a listener that heard nothing has missed something. */
  lookMs: 2 * 60_000,
  /** Two readings of a mailbox after an unknown outcome stand this far apart. */
  settleMs: 5000,
  /** How long an old server process may still carry out a command whose connection died. */
  graceMs: 60_000,
} as const;
