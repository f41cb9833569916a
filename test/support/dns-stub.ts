/** A name server on loopback that knows what a test tells it (RFC 1035, RFC 2782). UDP alone. */
import { createSocket } from 'node:dgram';
import type { MxRecord, SrvRecord } from '../../src/accounts/discover/discovery.ts';

/** What it answers for a name; a name that it does not know does not exist. */
export interface Zone {
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
  readonly mx?: Readonly<Record<string, readonly MxRecord[]>>;
  /** Names about which it says nothing at all. */
  readonly silent?: readonly string[];
  /** Names about which it says that it is broken. */
  readonly broken?: readonly string[];
}

/** A running name server. */
export interface DnsStub {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** The names that were asked for, with the type of record. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const TYPES: ReadonlyMap<number, 'mx' | 'srv'> = new Map([
  [15, 'mx'],
  [33, 'srv'],
]);
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;

/** Starts one on a free port. */
export async function startDnsStub(zone: Zone): Promise<DnsStub> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, end } = readName(query);
    const type = TYPES.get(query.readUInt16BE(end)) ?? 'other';
    asked.push(`${type} ${name}`);
    if (zone.silent?.includes(name) === true) return;
    socket.send(answer(query.subarray(0, end + 4), zone, { name, type }), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function answer(
  question: Buffer,
  zone: Zone,
  { name, type }: { name: string; type: 'mx' | 'srv' | 'other' },
): Buffer {
  const records =
    type === 'srv'
      ? (zone.srv?.[name] ?? []).map(srvData)
      : type === 'mx'
        ? (zone.mx?.[name] ?? []).map(mxData)
        : [];
  const isKnown = records.length > 0;
  const code = zone.broken?.includes(name) === true ? SERVER_FAILURE : isKnown ? 0 : NO_SUCH_NAME;
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt16BE(0, 8);
  header.writeUInt16BE(0, 10);
  return Buffer.concat([
    header,
    question.subarray(12),
    ...records.map((data) => record(type === 'srv' ? 33 : 15, data)),
  ]);
}

/** Its name is a pointer to the question's (RFC 1035 §4.1.4). */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function srvData({ priority, weight, port, name }: SrvRecord): Buffer {
  const numbers = Buffer.alloc(6);
  numbers.writeUInt16BE(priority, 0);
  numbers.writeUInt16BE(weight, 2);
  numbers.writeUInt16BE(port, 4);
  return Buffer.concat([numbers, writeName(name)]);
}

function mxData({ priority, exchange }: MxRecord): Buffer {
  const number = Buffer.alloc(2);
  number.writeUInt16BE(priority, 0);
  return Buffer.concat([number, writeName(exchange)]);
}

function writeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]),
    Buffer.from([0]),
  ]);
}

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString('latin1'));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}
