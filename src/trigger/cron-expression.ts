/** Cron expressions of rule files: five fields and an IANA time zone. */
import { validate } from 'node-cron';
import { isTimeZone } from '../core/time-zone.ts';

/** Says why an expression and zone cannot be used, or undefined. */
export function whyInvalidCron(cron: string, timezone: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (!cron.trim().startsWith('@') && fields.length !== 5) {
    return `${JSON.stringify(cron)} has ${fields.length} fields; a schedule has five: minute hour day month weekday`;
  }
  if (!isTimeZone(timezone)) {
    return `${JSON.stringify(timezone)} is no time zone; write one like Europe/Berlin or UTC`;
  }
  return validate(cron) ? undefined : `${JSON.stringify(cron)} is no cron expression`;
}
