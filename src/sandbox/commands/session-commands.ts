/** Commands about the connection itself: who is there, what can be done, waiting and leaving. */
import { capabilityWords } from '../capabilities.ts';
import {
  ANY_STATE,
  argumentOf,
  bad,
  type CommandSpec,
  type Connection,
  LOGGED_IN,
  no,
  ok,
  type Reply,
} from '../connection.ts';
import { textOf } from '../parse-command.ts';
import { quoted } from '../wire-text.ts';

/** By verb. */
export const SESSION_COMMANDS: Readonly<Record<string, CommandSpec>> = {
  CAPABILITY: {
    states: ANY_STATE,
    run: (connection) => {
      connection.line(`* CAPABILITY ${words(connection)}`);
      return ok('listed');
    },
  },
  NOOP: { states: ANY_STATE, run: () => ok('nothing done') },
  CHECK: { states: ['selected'], run: () => ok('nothing to write back') },
  LOGOUT: {
    states: ANY_STATE,
    run: (connection) => {
      connection.line('* BYE see you');
      connection.end();
      return ok('logged out');
    },
  },
  ID: {
    states: ANY_STATE,
    needs: 'id',
    run: (connection) => {
      connection.line('* ID ("name" "mailwright-sandbox")');
      return ok('pleased to meet you');
    },
  },
  ENABLE: {
    states: LOGGED_IN,
    needs: 'enable',
    run: (connection, command) => {
      const asked = command.tokens.map((token) => textOf(token)?.toUpperCase());
      const isMeant = connection.settings.capabilities.qresync && asked.includes('QRESYNC');
      // RFC 5161 §3.1 knows ENABLE only before a mailbox is selected.
      if (isMeant && connection.state !== 'authenticated') return bad('a mailbox is selected');
      if (isMeant) connection.enableQresync();
      connection.line(isMeant ? '* ENABLED QRESYNC' : '* ENABLED');
      return ok(isMeant ? 'enabled' : 'nothing of that needs enabling');
    },
  },
  NAMESPACE: {
    states: LOGGED_IN,
    needs: 'namespace',
    run: (connection) => {
      const { prefix, separator } = connection.settings.store.namespace;
      const shown = separator === '' ? 'NIL' : quoted(separator);
      connection.line(`* NAMESPACE ((${quoted(prefix)} ${shown})) NIL NIL`);
      return ok('listed');
    },
  },
  LOGIN: {
    states: ['not authenticated'],
    run: (connection, command) => {
      if (command.tokens.length !== 2) return bad('LOGIN takes a name and a password');
      return logIn(connection, argumentOf(command, 0), argumentOf(command, 1));
    },
  },
  AUTHENTICATE: {
    states: ['not authenticated'],
    run: (connection, command) => {
      if (argumentOf(command, 0).toUpperCase() !== 'PLAIN') return no('only PLAIN is offered');
      const initial = textOf(command.tokens[1]);
      if (initial !== undefined) return authenticatePlain(connection, initial);
      connection.line('+ ');
      connection.awaitLine((line) => {
        connection.finish(command.tag, authenticatePlain(connection, line));
      });
      return 'later';
    },
  },
  IDLE: {
    states: ['selected'],
    needs: 'idle',
    run: (connection, command) => {
      connection.line('+ idling');
      connection.catchUp(true);
      const stop = connection.settings.store.subscribe(() => connection.catchUp(true));
      connection.awaitLine((line) => {
        stop();
        const isDone = line.toUpperCase() === 'DONE';
        connection.finish(command.tag, isDone ? ok('awake') : bad('DONE was expected'));
      });
      return 'later';
    },
  },
};

/** RFC 4616: authorization identity, name and password, with NUL between them. */
function authenticatePlain(connection: Connection, base64: string): Reply {
  if (base64 === '*') return bad('given up');
  const [, user = '', password = ''] = Buffer.from(base64, 'base64').toString('utf8').split('\0');
  return logIn(connection, user, password);
}

function logIn(connection: Connection, user: string, password: string): Reply {
  const { settings } = connection;
  if (user !== settings.user || password !== settings.password) {
    return no('name or password is wrong', 'AUTHENTICATIONFAILED');
  }
  connection.login();
  return ok('logged in', `CAPABILITY ${words(connection)}`);
}

function words({ settings, state }: Connection): string {
  return capabilityWords(settings.capabilities, state !== 'not authenticated');
}
