/** ENABLE (RFC 5161 §3.1). */
import { isAppError } from '../../core/app-error.ts';
import { atom } from '../command-context.ts';
import { readTexts } from '../response.ts';
import type { Wire } from '../wire.ts';

/**
 * Asks for QRESYNC (RFC 7162 §3.2.3): departures are then told as one set of UIDs, and what changed
 * since a MODSEQ can be asked for. Gives whether the server said ENABLED; a refusal changes nothing.
 */
export async function enableQresync(
  wire: Wire,
  capabilities: ReadonlySet<string>,
): Promise<boolean> {
  if (!capabilities.has('ENABLE') || !capabilities.has('QRESYNC')) return false;
  const enabled = new Set<string>();
  try {
    await wire.send({
      verb: 'ENABLE',
      arguments: [atom('QRESYNC')],
      untagged: {
        ENABLED: ({ attributes = [] }) => {
          for (const name of readTexts(attributes)) enabled.add(name.toUpperCase());
        },
      },
    });
  } catch (error) {
    if (!isAppError(error, 'COMMAND_REFUSED')) throw error;
  }
  return enabled.has('QRESYNC');
}
